"""Arguments against a JSON schema that came from a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

# Comes with the SDK; its types are a package of their own that few have.
from jsonschema import SchemaError  # type: ignore[import-untyped]
from jsonschema.validators import validator_for  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable

from nbagent.errors import ToolArgumentsError

__all__ = ["check_of"]


def check_of(name: str, schema: Mapping[str, Any]) -> Callable[[dict[str, Any]], None] | None:
    """What checks arguments before they are sent; None where the schema makes no sense.

    References are looked up in the schema alone: it must not make us fetch anything.
    """
    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except SchemaError:
        return None  # the server is left to judge
    validator = kind(schema, registry=Registry())

    def check(data: dict[str, Any]) -> None:
        try:
            errors = sorted(
                validator.iter_errors(data), key=lambda error: list(map(str, error.path))
            )
        except Unresolvable:
            return
        if errors:
            lines = [f"- {_place(error.path)}: {error.message[:300]}" for error in errors[:10]]
            known = ", ".join(schema.get("properties", {})) or "none"
            raise ToolArgumentsError(
                "\n".join(
                    [f"The arguments of {name!r} do not fit:", *lines, f"Its fields: {known}."]
                )
            )

    return check


def _place(path: Any) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text or "arguments"
