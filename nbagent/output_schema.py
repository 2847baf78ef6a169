"""The form that an answer is to have, as a JSON schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic

from nbagent.errors import ConfigurationError

__all__ = ["OutputSchema"]


@dataclass(frozen=True)
class OutputSchema:
    """The form that the answer is to have: a name and a JSON schema."""

    name: str
    schema: Mapping[str, Any]

    @classmethod
    def of(cls, output: Any) -> OutputSchema:
        """From a pydantic model, a dataclass, any type that pydantic describes, or a schema.

        Raises:
            ConfigurationError: pydantic cannot describe ``output``.
        """
        if isinstance(output, OutputSchema):
            return output
        if isinstance(output, Mapping):
            return cls(str(output.get("title") or "output"), output)
        try:
            schema = pydantic.TypeAdapter(output).json_schema()
        except pydantic.errors.PydanticUserError as error:
            raise ConfigurationError(
                f"output={output!r} has no JSON schema: {error.message} Give a pydantic model, a "
                "dataclass or a JSON schema."
            ) from error
        return cls(str(getattr(output, "__name__", "output")), schema)

    @property
    def strict(self) -> bool:
        """Whether every object in it requires all its properties and allows no others."""
        return _strict(self.schema)


def _strict(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(_strict(item) for item in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return False
        if set(schema.get("required", ())) != set(properties):
            return False
    return all(_strict(value) for value in schema.values())
