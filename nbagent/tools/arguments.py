"""Reading the arguments of a call, and telling a model what is wrong with them."""

from __future__ import annotations

import difflib
import functools
import json
import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel, ValidationError
from pydantic.fields import FieldInfo
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
    "named_tuple": "a list or an object",
    "arguments": "a list or an object",
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

# What pydantic says where it wanted a list or an object and got something else.
CONTAINERS = frozenset(
    {
        *("list_type", "tuple_type", "set_type", "frozen_set_type", "dict_type", "mapping_type"),
        *("model_type", "model_attributes_type", "dataclass_type"),
        *("named_tuple_type", "arguments_type"),
    }
)


def decode(tool: str, arguments: Arguments) -> dict[str, Any]:
    """The arguments as a dict. Empty text, ``"null"`` and None mean that there are none.

    Raises:
        ToolArgumentsError: The text is not JSON, or not a JSON object.
    """
    if isinstance(arguments, (str, bytes)):
        text = arguments.decode(errors="replace") if isinstance(arguments, bytes) else arguments
        arguments = _from_json(tool, text) if text.strip() else None
        if isinstance(arguments, str):  # encoded twice
            arguments = _container(arguments) or arguments
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
    except (ValueError, RecursionError) as error:
        near = text if len(text) <= 200 else text[:199] + "…"
        raise ToolArgumentsError(
            f"The arguments of {tool!r} are not valid JSON: {error}. Got: {near}\n"
            "Call it again with one complete JSON object."
        ) from error


def validate(tool: str, model: type[BaseModel], data: dict[str, Any], *, text: bool) -> BaseModel:
    """Check a call's arguments against the parameters.

    What models get wrong all the time and nobody can misunderstand is taken as it was meant:
    ``"3"`` as a number, and a list or an object that was written as JSON inside of a text.

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
        errors = error.errors(include_url=False)
        mended = _mended(data, errors)
        if mended is not data:
            return validate(tool, model, mended, text=text)
        said = "\n".join([*_lines(errors, data, model), _fields(model)])
        raise ToolArgumentsError(f"The arguments of {tool!r} do not fit:\n{said}") from error
    except Exception as error:  # a validator of the person's own, or a bound on no number
        raise ToolArgumentsError(
            f"The arguments of {tool!r} could not be checked: {type(error).__name__}: {error}"
        ) from error


def _mended(data: Any, errors: Iterable[ErrorDetails]) -> Any:
    """The data with each text that stands for a list or object read as what it stands for."""
    for error in errors:
        if error["type"] not in CONTAINERS:
            continue
        steps = list(_steps(error, data))
        text = functools.reduce(operator.getitem, steps, data)
        inside = _container(text) if isinstance(text, str) else None
        data = data if inside is None else _replaced(data, steps, inside)
    return data


def _replaced(data: Any, steps: list[Any], new: Any) -> Any:
    if not steps:
        return new
    step, *further = steps
    changed = _replaced(data[step], further, new)
    if isinstance(data, Mapping):
        return {**data, step: changed}
    return [*data[:step], changed, *data[step + 1 :]]


def _container(text: str) -> Any:
    """The list or object in a text, if it is JSON of one."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


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


def _steps(error: ErrorDetails, data: Any) -> Iterator[Any]:
    """The way to it in the data; the branches of unions, which pydantic names, are left out."""
    missing = error["type"] in ("missing", "missing_argument")
    for position, step in enumerate(error["loc"]):
        last = position == len(error["loc"]) - 1
        if isinstance(data, Mapping) and (step in data or (missing and last)):
            yield step
            data = data.get(step)
        elif isinstance(data, (list, tuple)) and isinstance(step, int) and step < len(data):
            yield step
            data = data[step]


def _path(error: ErrorDetails, data: Any) -> str:
    steps = [*_steps(error, data), *_tag(error)]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.removeprefix(".") or "arguments"


def _tag(error: ErrorDetails) -> list[str]:
    """The field that tells the kinds of object apart, where it is the one that is wrong."""
    tagged = error["type"] in ("union_tag_invalid", "union_tag_not_found")
    return [str(error["ctx"]["discriminator"]).strip("'")] if tagged else []


def _wanted(error: ErrorDetails, known: list[str]) -> str:
    kind, message = error["type"], error["msg"]
    if kind in ("missing", "missing_argument", "union_tag_not_found"):
        return "missing, and it is required"
    if kind == "union_tag_invalid":
        return f"expected one of {error['ctx']['expected_tags']}"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
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
    if error["type"] in ("missing", "missing_argument", "union_tag_not_found"):
        return ""
    if error["type"] == "union_tag_invalid":
        return f", got {error['ctx']['tag']!r}"
    return f", got {_shown(error['input'])}"


def _shown(value: Any) -> str:
    text = repr(value)
    short = text if len(text) <= 80 else text[:79] + "…"
    return short if value is None else f"{short} ({type(value).__name__})"


def _known(model: type[BaseModel]) -> list[str]:
    return [_name(info) for info in model.model_fields.values()]


def _name(info: FieldInfo) -> str:
    alias: Any = info.validation_alias or info.alias
    if isinstance(alias, AliasChoices):
        alias = alias.choices[0]
    return str(alias.path[0] if isinstance(alias, AliasPath) else alias)


def _fields(model: type[BaseModel]) -> str:
    names = [
        _name(info) + ("" if info.is_required() else " (optional)")
        for info in model.model_fields.values()
    ]
    if model.model_config.get("extra") == "allow":
        names.append("any others")
    return f"Its fields: {', '.join(names)}." if names else "It takes no fields: call it with {}."
