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

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.errors import PydanticUndefinedAnnotation
from pydantic.fields import FieldInfo

from nbagent.errors import ToolSchemaError
from nbagent.tools.context import ToolContext
from nbagent.tools.marking import is_notebook_object
from nbagent.tools.signature import LEFT_OUT, UnresolvedName
from nbagent.tools.tidy import Quiet, tidy
from nbagent.tools.variables import Offer, offers_in, with_names

__all__ = ["BoundCall", "Schema"]

EMPTY = inspect.Parameter.empty
# Types made at run time: named so that type checkers do not read them as type expressions.
LIST: Any = list
OPTIONAL: Any = Optional
ANNOTATED: Any = Annotated
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
WAYS_OUT = (
    "Use a type that JSON can carry (str, int, float, bool, list, dict, Literal, Enum, a date, a "
    "dataclass, a TypedDict, a pydantic model); or let the model pick one of the notebook's "
    "variables by name with Annotated[..., nbagent.Variable()]; or fix the argument beforehand "
    "with functools.partial(f, {name}=...), which hides it from the model; or look the object up "
    "inside the function by a name given as str; or describe the type with "
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
        offers: The places in ``json`` where names of variables are offered; `now` puts them in.

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
        self._free = next((p.name for p in parameters if p.kind is p.VAR_KEYWORD), None)
        self.takes_context = bool(self._contexts)
        try:
            self.model = self._make_model()
            self.json = tidy(self.model.model_json_schema(schema_generator=Quiet))
        except PydanticUndefinedAnnotation as error:
            raise UnresolvedName("?", str(error.name)) from error
        except ToolSchemaError:
            raise
        except Exception as error:  # whatever a type's own hooks for pydantic may raise
            if getattr(error, "code", None) == "class-not-fully-defined":
                raise UnresolvedName("?", str(error)) from error
            raise self._explain(error) from error
        self._describe(descriptions)
        self.offers: list[Offer] = offers_in(self.json)

    def _describe(self, descriptions: Mapping[str, str]) -> None:
        for name, words in descriptions.items():
            target = self.json["properties"].get(name)
            if target is not None:
                target.setdefault("description", words)
            elif name == self._free:
                free = self.json["additionalProperties"]
                self.json["additionalProperties"] = {
                    **({} if free is True else free),
                    "description": words,
                }

    def now(self) -> dict[str, Any]:
        """The JSON schema with the names of variables that exist now, where it offers some."""
        named: dict[str, Any] = with_names(self.json) if self.offers else self.json
        return named

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
            elif (value := self._value(parameter, arguments)) is not LEFT_OUT:
                bound.by_name[parameter.name] = value
                _place(bound, parameter, value)
        return bound

    def spread(self, data: dict[str, Any]) -> dict[str, Any]:
        """The arguments, free ones at the top: models also write ``{"kwargs": {"x": 1}}``."""
        name = self._free
        if name is None or not isinstance(data.get(name), Mapping):
            return data
        return {**{key: value for key, value in data.items() if key != name}, **data[name]}

    def _value(self, parameter: inspect.Parameter, arguments: BaseModel) -> Any:
        key = self._fields[parameter.name]
        has_own_default = not isinstance(parameter.default, FieldInfo)
        left_out = key not in arguments.model_fields_set and parameter.default is not EMPTY
        if left_out and has_own_default:
            return parameter.default  # itself: pydantic copies defaults, and a sentinel is no copy
        return arguments.__dict__[key]  # getattr would warn of deprecated ones

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
            extra="forbid" if extra is None else "allow",
            protected_namespaces=(),
            title=self._name,
            regex_engine="python-re",  # what a Python user writes, with look-around
        )
        return create_model(self._name, __config__=config, **fields)

    def _explain(self, error: Exception) -> ToolSchemaError:
        for parameter in self._parameters:
            cause = None if parameter.name in self._contexts else _obstacle(parameter)
            if cause is None:
                continue
            return ToolSchemaError(
                f"Tool {self._name!r}: parameter {parameter.name!r} is annotated with "
                f"{_shown(parameter.annotation)}, which cannot be described to a model"
                f"{_because(cause)}. {WAYS_OUT.format(name=parameter.name)}"
            )
        return ToolSchemaError(f"Tool {self._name!r} cannot be described to a model: {error}")


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
    if None in typing.get_args(bare):  # Literal["x", None]
        return annotation
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
    if is_notebook_object(parameter.default):  # pydantic would copy all of a frame in each call
        options["default_factory"] = lambda: parameter.default
    elif parameter.default is not EMPTY:
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


def _obstacle(parameter: inspect.Parameter) -> Exception | None:
    """What keeps this one parameter from being described."""
    try:
        config = ConfigDict(regex_engine="python-re")
        one: Any = create_model("one", __config__=config, p=_field(parameter))
        one.model_json_schema(schema_generator=Quiet)
    except Exception as error:  # as above
        return error
    return None


def _shown(annotation: Any) -> str:
    return inspect.formatannotation(annotation).replace("__main__.", "")


def _because(error: Exception) -> str:
    """What pydantic says of the cause, where it is more than that the type is unknown to it."""
    lines = str(error).splitlines() or [type(error).__name__]
    words = (
        lines[-1].strip()
        if lines[0].endswith(":")
        else lines[0].partition(". Set `")[0].rstrip(".")
    )
    return f" ({words.replace('Unable to generate pydantic-core schema for', 'unknown:')})"
