"""Reading the arguments of a call, and telling a model what is wrong with them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nbagent.errors import ToolArgumentsError

__all__ = ["Arguments", "decode", "validate"]

Arguments = str | bytes | Mapping[str, Any] | None

EXPECTED = {
    "string": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list of different items",
    "frozen_set": "a list of different items",
    "dict": "an object",
    "mapping": "an object",
    "model": "an object",
    "model_attributes": "an object",
    "dataclass": "an object",
    "none_required": "null",
    "bytes": "a string",
    "decimal": "a decimal number",
    "date": "a date like 2024-01-31",
    "date_from_datetime": "a date like 2024-01-31",
    "datetime": "a date and time like 2024-01-31T12:00:00",
    "datetime_from_date": "a date and time like 2024-01-31T12:00:00",
    "time": "a time like 12:00:00",
    "time_delta": "a duration like PT1H30M",
    "uuid": "a UUID",
    "path": "a path as a string",
    "url": "a URL",
}


def decode(tool: str, arguments: Arguments) -> dict[str, Any]:
    """The arguments as a dict. Empty text, ``"null"`` and None mean that there are none.

    Raises:
        ToolArgumentsError: The text is not JSON, or not a JSON object.
    """
    if isinstance(arguments, (str, bytes)):
        text = arguments.decode(errors="replace") if isinstance(arguments, bytes) else arguments
        arguments = _from_json(tool, text) if text.strip() else None
    if arguments is None:
        return {}
    if not isinstance(arguments, Mapping):
        raise ToolArgumentsError(
            f"The arguments of {tool!r} must be one JSON object such as {{}}, "
            f"got {_shown(arguments)}."
        )
    return dict(arguments)


def _from_json(tool: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        near = text if len(text) <= 200 else text[:199] + "…"
        raise ToolArgumentsError(
            f"The arguments of {tool!r} are not valid JSON: {error}. Got: {near}\n"
            "Call it again with one complete JSON object."
        ) from error


def validate(tool: str, model: type[BaseModel], data: dict[str, Any], *, text: bool) -> BaseModel:
    """Check a call's arguments against the parameters.

    Args:
        tool: Its name, for the error.
        model: What the parameters were made into.
        data: The arguments.
        text: They came as JSON: a date is then text also to a strict model.

    Raises:
        ToolArgumentsError: Names each field, what came and what is wanted.
    """
    try:
        return _validated(model, data, text)
    except ValidationError as error:
        lines = _lines(error.errors(include_url=False), data, model)
        raise ToolArgumentsError(
            "\n".join([f"The arguments of {tool!r} do not fit:", *lines, _fields(model)])
        ) from error


def _validated(model: type[BaseModel], data: dict[str, Any], text: bool) -> BaseModel:
    if text:
        return model.model_validate_json(json.dumps(data))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # A mapping may hold live objects, or be JSON that was decoded: then a strict model takes
        # its dates as text, which only pydantic's JSON mode allows.
        try:
            return model.model_validate_json(json.dumps(data))
        except (ValidationError, TypeError, ValueError):
            raise error from None


def _lines(
    errors: Iterable[ErrorDetails], data: dict[str, Any], model: type[BaseModel]
) -> list[str]:
    """One line a field: the branches of a union are errors of one and the same field."""
    wanted: dict[str, list[str]] = {}
    came: dict[str, str] = {}
    for error in errors:
        path = _path(error, data)
        words = _wanted(error, _known(model))
        if words not in wanted.setdefault(path, []):
            wanted[path].append(words)
        came[path] = _came(error)
    return [f"- {path}: {_either(words)}{came[path]}" for path, words in wanted.items()]


def _either(wishes: list[str]) -> str:
    first, *others = wishes
    return " or ".join([first, *(other.removeprefix("expected ") for other in others)])


def _path(error: ErrorDetails, data: Any) -> str:
    """Where in the data. pydantic puts the branches of unions into its path: they are left out."""
    path = ""
    missing = error["type"] in ("missing", "missing_argument")
    for position, step in enumerate(error["loc"]):
        last = position == len(error["loc"]) - 1
        if isinstance(data, Mapping) and (step in data or (missing and last)):
            path += f".{step}" if path else str(step)
            data = data.get(step)
        elif isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data):
            path += f"[{step}]"
            data = data[step]
    return path or "arguments"


def _wanted(error: ErrorDetails, known: list[str]) -> str:
    kind, message = error["type"], error["msg"]
    if kind == "missing":
        return "missing, and it is required"
    if kind == "extra_forbidden":
        return _unknown(error["loc"], known)
    if kind in ("literal_error", "enum"):
        return f"expected one of {error.get('ctx', {}).get('expected', '')}"
    for suffix in ("_type", "_parsing", "_from_float", "_from_datetime_inexact", "_parsing_size"):
        words = EXPECTED.get(kind.removesuffix(suffix)) if kind.endswith(suffix) else None
        if words:
            return f"expected {words}"
    return f"expected {EXPECTED[kind]}" if kind in EXPECTED else _plain(message)


def _plain(message: str) -> str:
    return message.replace("Input should", "should").replace("Value error, ", "")


def _unknown(loc: tuple[int | str, ...], known: list[str]) -> str:
    if len(loc) > 1:
        return "unknown field"
    close = difflib.get_close_matches(str(loc[0]), known, n=1)
    return "unknown field" + (f" (did you mean {close[0]!r}?)" if close else "")


def _came(error: ErrorDetails) -> str:
    if error["type"] == "missing":
        return ""
    return f", got {_shown(error['input'])}"


def _shown(value: Any) -> str:
    text = repr(value)
    short = text if len(text) <= 80 else text[:79] + "…"
    return short if value is None else f"{short} ({type(value).__name__})"


def _known(model: type[BaseModel]) -> list[str]:
    fields = model.model_fields
    return [info.alias or str(info.validation_alias or name) for name, info in fields.items()]


def _fields(model: type[BaseModel]) -> str:
    names = [
        name if info.is_required() else f"{name} (optional)"
        for name, info in zip(_known(model), model.model_fields.values(), strict=True)
    ]
    return f"Its fields: {', '.join(names)}." if names else "It takes no fields: call it with {}."
