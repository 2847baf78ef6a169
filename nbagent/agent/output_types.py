"""Answers of a Python type: the schema that is asked for, and the value of what came.

Providers hold a model to a schema only where its root is an object that requires all its fields
and allows no others. So other types travel as ``{"value": …}``, and what is optional may be null,
which stands for "left out" and is taken away again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pydantic
from pydantic_core import ErrorDetails, to_json

from nbagent.agent.events import OutputElement, PartialOutput
from nbagent.agent.output_from_schema import type_of_schema
from nbagent.agent.output_json import JSONReader, Seen, documents
from nbagent.agent.output_partial import MISSING, PartialBuilder, item_type
from nbagent.errors import OutputInvalid, ToolSchemaError
from nbagent.output_schema import OutputSchema, described
from nbagent.tools.strict import with_strict_rules, without_stand_ins

__all__ = ["TypedShape"]

INSTRUCTIONS = """\
Answer with one JSON object and nothing else: no words before or after it. It has exactly these \
fields, in this order:
{fields}
Copy names, words and numbers as they are written."""
ERRORS = 10  # that are told at once


class TypedShape:
    """An answer that is a value of a type.

    Args:
        kind: A pydantic model, a dataclass, a TypedDict, any other type that pydantic describes,
            or a JSON schema.
        name: What the answer is called; by default as the type.

    Attributes:
        name: What the answer is called.
        schema: What a provider is to hold the model to.

    Raises:
        ConfigurationError: It cannot be described.
    """

    def __init__(self, kind: Any, name: str | None = None) -> None:
        described_as = OutputSchema.of(kind)
        self.name = name or described_as.name
        self._kind = type_of_schema(kind) if isinstance(kind, Mapping) else kind
        self._adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(self._kind)
        self._wrapped = described_as.schema.get("type") != "object"
        plain = described_as.schema
        self._plain = _wrapped(plain) if self._wrapped else plain
        self.schema = OutputSchema(self.name, _held_to(self._plain, self.name))
        # A bare list is understood too, where the object around it was asked for.
        self._opens = "{[" if plain.get("type") == "array" else "{"

    def instructions(self) -> str:
        """The form in words, for a model that is not told it by its provider."""
        return INSTRUCTIONS.format(fields=described(self.schema.schema))

    def value(self, text: str) -> Any:
        """The value of a whole answer.

        Raises:
            OutputInvalid: There is none in the text, or it is not valid.
        """
        first: pydantic.ValidationError | None = None
        for document in documents(text, self._opens):
            value, error = self._validated(document)
            if error is None:
                return value
            first = first or error
        if first is None:
            raise OutputInvalid.of(self.name, text, ["There is no JSON object in the answer."])
        errors = first.errors(include_url=False)
        raise OutputInvalid.of(self.name, text, list(_told(errors))) from first

    def _validated(self, document: Any) -> tuple[Any, pydantic.ValidationError | None]:
        """The value of a document, or what is wrong with it."""
        data = self._unwrapped(self._cleared(document))
        try:
            return self._adapter.validate_json(to_json(data)), None
        except pydantic.ValidationError as error:
            return None, error

    def checked(self, value: Any) -> Any:
        """A value that is an object already, validated.

        Raises:
            OutputInvalid: It is not valid.
        """
        try:
            return self._adapter.validate_python(value)
        except pydantic.ValidationError as error:
            errors = list(_told(error.errors(include_url=False)))
            raise OutputInvalid.of(self.name, repr(value), errors) from error

    def reader(self, run_id: str) -> TypedReader:
        """What reads one answer while it streams."""
        return TypedReader(self._kind, JSONReader(self._opens), self._seen, run_id)

    def _seen(self, seen: Seen) -> Seen | None:
        """What has come of the value itself."""
        data = self._cleared(seen.data)
        if not self._wrapped or not isinstance(data, Mapping):
            return Seen(data, seen.depth, seen.growing)
        if "value" not in data:
            return None
        return Seen(data["value"], max(seen.depth - 1, 0), seen.growing)

    def _cleared(self, data: Any) -> Any:
        """The data without the nulls that stand for what was left out."""
        if isinstance(data, Mapping) and self.schema.schema is not self._plain:
            return without_stand_ins(data, self._plain, self._plain)
        return data

    def _unwrapped(self, data: Any) -> Any:
        inside = self._wrapped and isinstance(data, Mapping) and data.keys() == {"value"}
        return data["value"] if inside else data


class TypedReader:
    """Reads one answer while it streams, and gives events of what can be told of it.

    Args:
        kind: The type.
        text: Finds the JSON.
        seen: Gives what has come of the value itself.
        run_id: The run's name, for the events.
    """

    def __init__(self, kind: Any, text: JSONReader, seen: Any, run_id: str) -> None:
        self._kind = kind
        self._text = text
        self._seen = seen
        self._run_id = run_id
        self._builder = PartialBuilder()
        self._item = item_type(kind)
        self._elements: list[Any] = []
        self._stuck = False
        self._last: Any = MISSING

    def feed(self, text: str) -> list[PartialOutput | OutputElement]:
        """The events that a fragment makes due."""
        return self._events(self._text.feed(text))

    def flush(self) -> list[PartialOutput | OutputElement]:
        """The events that are due when the text is over."""
        return self._events(self._text.flush())

    def _events(self, found: Seen | None) -> list[PartialOutput | OutputElement]:
        seen = None if found is None else self._seen(found)
        if seen is None:
            return []
        told: list[PartialOutput | OutputElement] = []
        if self._item is not None and isinstance(seen.data, list):
            told += self._new_elements(seen)
            value = self._so_far(seen)
        else:
            value = self._builder.build(self._kind, seen.data, seen.depth, seen.growing)
        empty = seen.depth > 0 and not seen.data
        if value is MISSING or empty or (self._last is not MISSING and value == self._last):
            return told
        self._last = value
        return [*told, PartialOutput(self._run_id, value)]

    def _new_elements(self, seen: Seen) -> Iterator[OutputElement]:
        """The elements that are whole now and were not before."""
        closed = len(seen.data) - (seen.depth > 1 or seen.growing)
        for position in range(len(self._elements), closed):
            value = self._builder.whole(self._item, seen.data[position])
            # No element comes after one that is not valid: the answer will be asked for again.
            self._stuck = self._stuck or value is MISSING
            if self._stuck:
                return
            self._elements.append(value)
            yield OutputElement(self._run_id, position, value)

    def _so_far(self, seen: Seen) -> Any:
        if seen.depth == 0:
            return self._builder.whole(self._kind, seen.data)
        values: Sequence[Any] = list(self._elements)
        if len(seen.data) == len(values) + 1 and (seen.depth > 1 or seen.growing):
            data, depth = seen.data[-1], seen.depth - 1
            tail = self._builder.build(self._item, data, depth, seen.growing)
            values = values if tail is MISSING else [*values, tail]
        return tuple(values) if getattr(self._kind, "__origin__", None) is tuple else values


def _wrapped(schema: Mapping[str, Any]) -> dict[str, Any]:
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    outer: dict[str, Any] = {
        "type": "object",
        "properties": {"value": inner},
        "required": ["value"],
        "additionalProperties": False,
    }
    return {**outer, "$defs": schema["$defs"]} if "$defs" in schema else outer


def _held_to(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The strict form of a schema; the schema itself where it has none."""
    if OutputSchema(name, schema).strict or "definitions" in schema:
        return schema
    try:
        return with_strict_rules(schema, name)
    except ToolSchemaError:
        return schema


def _told(errors: Sequence[ErrorDetails]) -> Iterator[str]:
    for error in errors[:ERRORS]:
        place = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in error["loc"])
        came = repr(error["input"])
        short = came if len(came) <= 80 else f"{came[:79]}…"
        got = "" if error["type"] == "missing" else f", got {short}"
        yield f"{place.removeprefix('.') or 'answer'}: {error['msg']}{got}"
    if len(errors) > ERRORS:
        yield f"and {len(errors) - ERRORS} more"
