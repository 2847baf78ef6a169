"""What is connected to: a command to run, or an address. It keeps its secrets to itself."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from urllib.parse import urlsplit

from nbagent.errors import ConfigurationError

__all__ = ["Target"]

SCRIPTS = (".py", ".js", ".mjs", ".cjs", ".ts")
SHORTEST = 6  # characters of a value that is taken for a secret; "1" and "true" are none


@dataclass(frozen=True)
class Target:
    """A server.

    Attributes:
        command: The program and its arguments; empty for an address.
        url: The address of its streamable HTTP endpoint; empty for a command.
        env: Added to the few variables that a server inherits.
        cwd: Where it runs.
        headers: Sent with each request.
    """

    # Only the label is shown: keys are given in any of these.
    command: tuple[str, ...] = field(default=(), repr=False)
    url: str = field(default="", repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    cwd: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        what: str | Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Target:
        """From a command line, a list of its words, or an address.

        Raises:
            ConfigurationError: It is none of these, or the rest does not go with it.
        """
        if isinstance(what, str) and what.startswith(("http://", "https://")):
            if env or cwd:
                raise ConfigurationError("env and cwd are for a server that is run by a command.")
            return cls(url=what, headers=dict(headers or {}))
        if headers:
            raise ConfigurationError("headers are for a server at an address (http://…).")
        command = _words(what)
        if not command:
            raise ConfigurationError(
                "An MCP server is a command, as in MCPServer('python server.py') or "
                f"MCPServer(['python', 'server.py']), or an address; got {type(what).__name__}."
            )
        return cls(command, env=dict(env or {}), cwd=os.fspath(cwd) if cwd is not None else None)

    @property
    def label(self) -> str:
        """What may be shown of it: the name of the script or program, or where it is."""
        if self.command:
            scripts = (word for word in self.command[1:] if word.endswith(SCRIPTS))
            return PurePath(next(scripts, self.command[0])).stem
        address = urlsplit(self.url)
        port = f":{address.port}" if address.port else ""
        return f"{address.scheme}://{address.hostname}{port}{address.path}"

    def clean(self, text: str) -> str:
        """The text without the values of environment variables and headers."""
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _secrets(self) -> set[str]:
        values = {*self.env.values(), *self.headers.values()}
        values |= {value.split()[-1] for value in self.headers.values() if value.split()}
        address = urlsplit(self.url)
        values |= {address.password or "", address.query}
        return {value for value in values if len(value) >= SHORTEST}


def _words(what: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(what, str):
        # A backslash is part of a path there, and not an escape.
        return tuple(shlex.split(what, posix=os.name != "nt"))
    if isinstance(what, Sequence) and all(isinstance(w, (str, os.PathLike)) for w in what):
        return tuple(map(os.fspath, what))
    return ()
