"""The notebook's own variables: which names exist now, and under which name an object stands.

Where an IPython shell runs, its user namespace counts: what the person defined in cells. Elsewhere
the globals of ``__main__`` and those of the code that asks do.
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from nbagent.tools.for_person import running_shell

__all__ = ["Namespace", "is_name", "names_of", "variables_in", "variables_now"]

# Names and their objects, or what gives them when it is asked.
Namespace: TypeAlias = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
MISSING = object()


def variables_now(home: Namespace | None = None) -> dict[str, Any]:
    """The variables that exist now, by name, in the order in which they were first defined.

    Left out are names that begin with ``_``, and what IPython itself put there (``In``, ``Out``,
    ``exit``, …).

    Args:
        home: Where to look besides ``__main__`` if no shell runs.
    """
    shell = running_shell()
    if shell is not None:
        own = shell.user_ns_hidden
        named = _listed(shell.user_ns)
        return {name: value for name, value in named if value is not own.get(name, MISSING)}
    main = vars(sys.modules["__main__"]) if "__main__" in sys.modules else {}
    if home is None or home is main:
        return dict(_listed(main))
    return {**dict(_listed(main)), **variables_in(home)}


def variables_in(namespace: Namespace) -> dict[str, Any]:
    """The same of one namespace."""
    return dict(_listed(namespace() if callable(namespace) else namespace))


def names_of(value: Any, variables: Mapping[str, Any]) -> list[str]:
    """The names of the very object, the one that was defined first before the others."""
    return [name for name, other in variables.items() if other is value]


def is_name(text: str) -> bool:
    """Whether a text can be the name of a variable."""
    return text.isidentifier() and not keyword.iskeyword(text)


def _listed(namespace: Mapping[str, Any]) -> list[tuple[str, Any]]:
    # The list is made in one step: a cell on the main thread may define a variable meanwhile.
    return [
        (name, value)
        for name, value in list(namespace.items())
        if isinstance(name, str) and name[:1] != "_"
    ]
