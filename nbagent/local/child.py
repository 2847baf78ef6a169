"""What runs in the child process: llama.cpp's server, until the parent is gone.

It is run as a script and imports nothing of nbagent, so it starts fast and stays small. It reads
one line of JSON from stdin (so that the key stands in no process list), and writes one line of JSON
to stdout: ``{"url": …}`` once the model answers, or ``{"error": kind, "message": …}``. The end of
stdin means that the parent is gone, however it went.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

PARENT_POLL_SECONDS = 0.5
# Small batches, as the server looks for a closed connection between two of them: with llama.cpp's
# 2048 tokens a Stop during a long prompt keeps two cores busy for 18 s more, with 256 for 2.
# Measured: 110 tokens/s of prompt either way.
BATCH_TOKENS = 256
# Prompts of other conversations, kept in memory to come back to.
PROMPT_CACHE_MIB = 256
# The server pings while it works on a prompt, so that a client can tell slow from dead.
PING_SECONDS = 5


def main() -> None:
    """Serves until the parent is gone."""
    answers = _own_stdout()
    # The kernel's interrupt is meant for a cell.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    spec = json.loads(_read_line())
    threading.Thread(target=_leave_with_parent, args=(os.getppid(),), daemon=True).start()
    sys.path[:] = spec["sys_path"]
    server, reply = _start(spec)
    os.write(answers, json.dumps(reply).encode() + b"\n")
    if server is None:
        # Native threads may still be there; nothing of theirs is worth waiting for.
        sys.stderr.flush()
        os._exit(1)
    while True:
        time.sleep(3600)


def _own_stdout() -> int:
    """The way to the parent, out of reach of native code that prints to stdout."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def _read_line() -> bytes:
    # Not through sys.stdin: its buffer would be left behind when the thread below reads on.
    line = bytearray()
    while not line.endswith(b"\n"):
        piece = os.read(0, 1)
        if not piece:
            os._exit(0)
        line += piece
    return bytes(line)


def _leave_with_parent(parent: int) -> None:
    # A process that the parent forked keeps our stdin open: then the parent's id tells.
    threading.Thread(target=_watch_parent, args=(parent,), daemon=True).start()
    while os.read(0, 4096):
        pass
    os._exit(0)


def _watch_parent(parent: int) -> None:
    while os.name == "nt" or os.getppid() == parent:
        time.sleep(PARENT_POLL_SECONDS)
    os._exit(0)


def _start(spec: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    try:
        # Here and not above: the parent's path has to be in place, and it may be missing.
        import xllamacpp
    except ImportError as error:
        return None, {"error": "missing", "message": str(error)}
    if spec["port"] and not _is_free(spec["port"]):
        return None, {"error": "port", "message": f"port {spec['port']} is taken"}
    try:
        server = xllamacpp.Server(_parameters(xllamacpp, spec))
    except Exception as error:
        # Whatever it is, the parent has to hear of it; the log on stderr has the details.
        return None, {"error": "load", "message": f"{type(error).__name__}: {error}"}
    return server, {"url": server.listening_address}


def _parameters(xllamacpp: Any, spec: dict[str, Any]) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = spec["model"]
    # What replies call the model; without it they give away the path.
    parameters.model_alias = {spec["alias"]}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = spec["port"]
    parameters.api_keys = [spec["api_key"]]
    # The context is divided among the slots.
    parameters.n_ctx = spec["context"] * spec["parallel"]
    parameters.n_parallel = spec["parallel"]
    parameters.n_batch = parameters.n_ubatch = BATCH_TOKENS
    parameters.cpuparams.n_threads = spec["threads"]
    parameters.cpuparams_batch.n_threads = spec["threads"]
    parameters.cache_ram_mib = PROMPT_CACHE_MIB
    parameters.sse_ping_interval = PING_SECONDS
    parameters.use_jinja = True
    parameters.warmup = True
    parameters.ui = False
    # Warnings and errors: the log lives as long as the server, and is only read when it fails.
    parameters.verbosity = 2
    return parameters


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":
            # As the server does, or a port that was just left would look taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    main()
