"""``python -m nbagent.local pull`` downloads the embedded model; ``serve`` serves it."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

from nbagent.errors import NbagentError
from nbagent.local.client import DEFAULT_MODEL
from nbagent.local.server import Endpoint, LocalServer
from nbagent.local.weights import pull

KEY_VARIABLE = "NBAGENT_LOCAL_API_KEY"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; gives the exit status: 0, 1 for an error, 130 for an interrupt."""
    chosen = _parser().parse_args(arguments)
    try:
        if chosen.command == "pull":
            print(pull(chosen.path))
            return 0
        return _serve(chosen)
    except NbagentError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; what has come is kept.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m nbagent.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    pulling = commands.add_parser("pull", help="download and check the model; print its path")
    serving = commands.add_parser("serve", help="serve the model until Ctrl-C")
    for command in (pulling, serving):
        command.add_argument("--path", help="a GGUF file of your own, instead of the download")
    serving.add_argument("--port", type=int, default=0, help="default: a free one")
    serving.add_argument(
        "--api-key-env",
        metavar="NAME",
        default=KEY_VARIABLE,
        help=f"the environment variable with the key (default: {KEY_VARIABLE}; random if unset)",
    )
    return parser


def _serve(chosen: argparse.Namespace) -> int:
    key = os.environ.get(chosen.api_key_env)
    server = LocalServer(chosen.path, port=chosen.port, api_key=key)
    try:
        _introduce(server.ensure_blocking(), None if key else chosen.api_key_env)
        while server.alive:
            time.sleep(0.5)
        print(f"The model's process {server.fate}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nClosed.", file=sys.stderr)
        return 0
    finally:
        server.close()


def _introduce(endpoint: Endpoint, unset: str | None) -> None:
    print(f"Serving {DEFAULT_MODEL} (OpenAI-compatible) at {endpoint.base_url}")
    if unset is not None:
        # It is made for this run and of use on this machine alone: the user needs to see it.
        print(f"Key for this run: {endpoint.api_key}  (set {unset} to choose one)")
    print("Use it from Python:")
    print(f"    OpenAIChatClient(api_key, {endpoint.base_url!r})")
    print("Ctrl-C ends it.", flush=True)


if __name__ == "__main__":
    sys.exit(main())
