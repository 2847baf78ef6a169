"""From a signature to a JSON schema, and from arguments to a call.

The parameters become the fields of a pydantic model that is made for the purpose: pydantic
describes them, validates what comes, and the values go to the function the way its signature
wants them (by position, by name, ``*args``, ``**kwargs``).
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Optional

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, create_model
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaWarningKind

from nbagent.errors import ToolSchemaError
from nbagent.tools.context import ToolContext
from nbagent.tools.signature import UnresolvedName

__all__ = ["BoundCall", "Schema"]

EMPTY = inspect.Parameter.empty
# Types made at run time: named so that type checkers do not read them as type expressions.
LIST: Any = list
OPTIONAL: Any = Optional
ANNOTATED: Any = Annotated
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
WAYS_OUT = (
    "Use a type that JSON can carry (str, int, float, bool, list, dict, Literal, Enum, a date, a "
    "dataclass, a TypedDict, a pydantic model); or fix the argument beforehand with "
    "functools.partial(f, {name}=...), which hides it from the model; or look the object up inside "
    "the function by a name given as str; or describe the type with "
    "Annotated[..., pydantic.PlainValidator(...), pydantic.WithJsonSchema({{...}})]."
)


@dataclass(slots=True)
class BoundCall:
    """Arguments in the form that the function takes them, and by name as they were validated."""

    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    by_name: dict[str, Any] = field(default_factory=dict)


class Schema:
    """The parameters of one function, for the model and for the call.

    Attributes:
        json: The JSON schema of the arguments object.
        model: The pydantic model that validates it. Its fields carry the parameters' names as
            aliases, because a parameter may be called ``schema`` or ``_x`` and a field may not.
        takes_context: Whether the function wants a `ToolContext`.

    Raises:
        ToolSchemaError: A parameter cannot be described to a model.
        UnresolvedName: A type refers to a name that does not exist yet.
    """

    def __init__(
        self, name: str, parameters: list[inspect.Parameter], descriptions: Mapping[str, str]
    ) -> None:
        self._name = name
        self._contexts = {p.name for p in parameters if _is_context(p.annotation)}
        self._parameters = parameters
        self._fields = {p.name: f"p{number}" for number, p in enumerate(parameters)}
        self.takes_context = bool(self._contexts)
        try:
            self.model = self._make_model()
            self.json = tidy(self.model.model_json_schema(schema_generator=_Quiet))
        except PydanticUndefinedAnnotation as error:
            raise UnresolvedName("?", str(error.name)) from error
        except (PydanticUserError, TypeError) as error:
            if getattr(error, "code", None) == "class-not-fully-defined":
                raise UnresolvedName("?", str(error)) from error
            raise self._explain(error) from error
        for key, words in descriptions.items():
            target = self.json["properties"].get(key)
            if target is not None:
                target.setdefault("description", words)

    def call(self, arguments: BaseModel, context: ToolContext) -> BoundCall:
        """Lay validated arguments out as the signature takes them, defaults filled in."""
        bound = BoundCall()
        for parameter in self._parameters:
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                extra = arguments.model_extra or {}
                bound.kwargs.update(extra)
                bound.by_name.update(extra)
            elif parameter.name in self._contexts:
                _place(bound, parameter, context)
            else:
                value = self._value(parameter, arguments)
                bound.by_name[parameter.name] = value
                _place(bound, parameter, value)
        return bound

    def _value(self, parameter: inspect.Parameter, arguments: BaseModel) -> Any:
        key = self._fields[parameter.name]
        has_own_default = not isinstance(parameter.default, FieldInfo)
        left_out = key not in arguments.model_fields_set and parameter.default is not EMPTY
        # The very object: pydantic copies its defaults, and a sentinel must stay itself.
        return parameter.default if left_out and has_own_default else getattr(arguments, key)

    def _make_model(self) -> type[BaseModel]:
        fields: dict[str, Any] = {}
        extra: Any = None
        for parameter in self._parameters:
            if parameter.name in self._contexts:
                continue
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                extra = _annotation(parameter)
            else:
                fields[self._fields[parameter.name]] = _field(parameter)
        if extra is not None and extra is not Any:
            fields["__pydantic_extra__"] = (dict[str, extra], Field(init=False))
        config = ConfigDict(
            extra="forbid" if extra is None else "allow", protected_namespaces=(), title=self._name
        )
        return create_model(self._name, __config__=config, **fields)

    def _explain(self, error: Exception) -> ToolSchemaError:
        for parameter in self._parameters:
            if parameter.name in self._contexts or _describable(parameter):
                continue
            what = getattr(parameter.annotation, "__name__", None) or str(parameter.annotation)
            return ToolSchemaError(
                f"Tool {self._name!r}: parameter {parameter.name!r} is annotated with {what}, "
                f"which cannot be described to a model. {WAYS_OUT.format(name=parameter.name)}"
            )
        return ToolSchemaError(f"Tool {self._name!r} cannot be described to a model: {error}")


class _Quiet(GenerateJsonSchema):
    """Leaves defaults out that JSON cannot carry, without a word: the function has them."""

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        """Say nothing."""


def _place(bound: BoundCall, parameter: inspect.Parameter, value: Any) -> None:
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        bound.args.extend(value)
    elif parameter.kind in POSITIONAL:
        bound.args.append(value)
    else:
        bound.kwargs[parameter.name] = value


def _annotation(parameter: inspect.Parameter) -> Any:
    annotation: Any = Any if parameter.annotation is EMPTY else parameter.annotation
    if parameter.default is not None or annotation is Any:
        return annotation
    # `x: int = None` means that None may come. What Annotated says is about the parameter.
    metadata = getattr(annotation, "__metadata__", ())
    bare: Any = annotation.__origin__ if metadata else annotation
    optional: Any = OPTIONAL[bare]  # `|` fails on what is not a class
    return _annotated(optional, *metadata) if metadata else optional


def _field(parameter: inspect.Parameter) -> tuple[Any, FieldInfo]:
    """The pydantic field of one parameter: ``(annotation, field)``."""
    annotation: Any = _annotation(parameter)
    options: dict[str, Any] = {}
    if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
        annotation, options["default"] = LIST[annotation], []
    known = _field_infos(annotation, parameter.default)
    if not any(info.alias or info.validation_alias for info in known):
        options["alias"] = parameter.name
    words = _words(annotation)
    if words and not any(info.description for info in known):
        options["description"] = words
    if isinstance(parameter.default, FieldInfo):
        return _annotated(annotation, Field(**options)), parameter.default
    if parameter.default is not EMPTY:
        options["default"] = parameter.default
    return annotation, Field(**options)


def _annotated(*parts: Any) -> Any:
    return ANNOTATED[parts]


def _field_infos(annotation: Any, default: Any) -> list[FieldInfo]:
    candidates = (*getattr(annotation, "__metadata__", ()), default)
    return [item for item in candidates if isinstance(item, FieldInfo)]


def _words(annotation: Any) -> str:
    """The description inside ``Annotated[..., "text"]`` or ``Annotated[..., Doc("text")]``."""
    for item in getattr(annotation, "__metadata__", ()):
        words = item if isinstance(item, str) else getattr(item, "documentation", None)
        if isinstance(words, str):
            return words
    # `Optional[Annotated[str, "text"]]`, also where we made it optional because of `= None`.
    inner = [a for a in typing.get_args(annotation) if a is not type(None)]
    is_union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return _words(inner[0]) if is_union and len(inner) == 1 else ""


def _is_context(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return issubclass(annotation, ToolContext)
    if typing.get_origin(annotation) in (Annotated, typing.Union, types.UnionType):
        return any(_is_context(item) for item in typing.get_args(annotation))
    return False


def _describable(parameter: inspect.Parameter) -> bool:
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(_annotation(parameter))
        adapter.json_schema(schema_generator=_Quiet)
    except (PydanticUserError, TypeError):
        return False
    return True


def tidy(schema: dict[str, Any]) -> dict[str, Any]:
    """A copy without the titles that pydantic makes out of names: they tell a model nothing."""
    return {"properties": {}, **without_titles(schema)}


def without_titles(node: Any) -> Any:
    """A copy of a schema, or of a list of schemas, with no ``title`` keyword anywhere in it."""
    if isinstance(node, list):
        return [without_titles(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _part(key, value) for key, value in node.items() if key != "title"}


def _part(key: str, value: Any) -> Any:
    if key in ("properties", "$defs", "patternProperties"):  # here the keys are names
        return {name: without_titles(schema) for name, schema in value.items()}
    if key in ("default", "const", "enum", "examples", "required"):  # here they are data
        return value
    return without_titles(value)
