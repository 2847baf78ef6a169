"""`Variable`: a parameter that is filled from the notebook's own variables, by name.

The model picks one of the names that exist now and have the type; the function gets the live
object. Types that live in notebooks are marked so by themselves (see ``marking``)::

    @tool
    def mean(frame: pd.DataFrame, column: str) -> float: ...

    @tool
    def score(model: Annotated[Classifier, Variable()]) -> float: ...
"""

from __future__ import annotations

import contextlib
import contextvars
import difflib
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Optional, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from nbagent.errors import ToolSchemaError
from nbagent.tools.namespace import Namespace, variables_in, variables_now

__all__ = ["MARK", "MAX_NAMES", "Offer", "Variable", "names_to_come", "offers_in", "with_names"]

MAX_NAMES = 50  # that the schema lists; the newest, and the text says so
MARK = "x-nbagent-variable"  # where the names will stand in a schema
NONE = type(None)
UNIONS = (typing.Union, types.UnionType)
CODE = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
ALIKE = frozenset({int, float, str, bool, list, dict, tuple, set, type(None), *CODE})
TOOLING = ("typing", "typing_extensions", "nbagent")  # no data of the person's
# Types made at run time: named so that type checkers do not read them as type expressions.
ANNOTATED: Any = Annotated
OPTIONAL: Any = Optional
Kind: TypeAlias = type | tuple[type, ...] | Callable[[Any], bool]

_to_come: contextvars.ContextVar[bool] = contextvars.ContextVar("names_to_come", default=False)


@contextlib.contextmanager
def names_to_come() -> Iterator[None]:
    """In here an unknown name is not an error: the variable may be defined later."""
    token = _to_come.set(True)
    try:
        yield
    finally:
        _to_come.reset(token)


@dataclass(frozen=True, eq=False)
class Variable:
    """Marks a parameter as one of the notebook's variables: ``Annotated[X, Variable()]``.

    The schema offers the names of the variables that are an ``X`` when the model is asked (at most
    the newest 50 of them; the others may be named too). Names that begin with ``_`` are private.
    The function gets the object itself. Python code that invokes the tool with a mapping may give
    the object in place of its name.

    Args:
        kind: What the object has to be, if not what the annotation says: a class, a tuple of
            classes, or a function that says whether an object will do.
        names: Only these names.
        namespace: Where the names are looked up: a mapping, or what gives one when it is asked. By
            default the notebook's variables; in a script those of ``__main__`` and of the module
            of the function.
        description: What the model is told of the parameter.

    Raises:
        ToolSchemaError: At decoration: nothing says what the object has to be.
    """

    kind: Kind | None = None
    names: Iterable[str] | None = None
    namespace: Namespace | None = field(default=None, repr=False)
    description: str = ""
    # The globals of the function; filled in by the machinery.
    home: Namespace | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.names is not None:
            only = (self.names,) if isinstance(self.names, str) else tuple(self.names)
            object.__setattr__(self, "names", only)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """For pydantic: the annotation itself does not matter, only what it says of the kind."""
        bare = source.__origin__ if hasattr(source, "__metadata__") else source
        parts = typing.get_args(bare) if typing.get_origin(bare) in UNIONS else (bare,)
        kinds = tuple(_class_of(part) for part in parts if part is not NONE)
        offered = ANNOTATED[Any, Offer(self, kinds)]
        return handler.generate_schema(OPTIONAL[offered] if NONE in parts else offered)


class Offer:
    """One place in a schema where names of variables are offered.

    Args:
        variable: What the person asked for.
        kinds: The classes in its annotation.
    """

    def __init__(self, variable: Variable, kinds: tuple[Any, ...]) -> None:
        self.variable = variable
        kind: Any = kinds if variable.kind is None else variable.kind
        self._kinds: Any = (kind,) if isinstance(kind, type) else kind
        self.label = _label(self._kinds)
        if isinstance(self._kinds, tuple):
            _check(self._kinds)

    def __deepcopy__(self, memo: Any) -> Offer:
        return self  # pydantic copies schemas, and a copy of a namespace would be all its objects

    def __repr__(self) -> str:
        return f"<names of {self.label}>"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        """For pydantic: validation turns the name into its object."""
        return core_schema.with_info_plain_validator_function(
            lambda value, info: self.object(value, live=info.mode == "python")
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """For pydantic: a text; `with_names` puts the names in when they are asked for."""
        described = {"description": self.variable.description} if self.variable.description else {}
        return {"type": "string", MARK: self, **described}

    def names(self) -> tuple[str, ...]:
        """The names that exist now, oldest first."""
        return tuple(self._fitting())

    def object(self, value: Any, *, live: bool) -> Any:
        """The object of that name.

        Args:
            value: What came as argument.
            live: Whether the object itself may have come.

        Raises:
            PydanticCustomError: There is no such variable; names those that there are.
        """
        if not isinstance(value, str):
            if live and self._accepts(value):
                return value
            raise self._error("should be the name")
        found = self._variables().get(value, MARK)
        if found is not MARK and self._offers(value) and self._accepts(found):
            return found
        if _to_come.get():
            return value
        raise self._error(self._what_is_wrong(value), value)

    def node(self, marked: Mapping[str, Any]) -> dict[str, Any]:
        """The part of the schema with the names of now."""
        names = self.names()
        rest = {key: value for key, value in marked.items() if key != MARK}
        words = [str(rest.pop("description", "")), self._words(names)]
        listed = {"enum": list(names[-MAX_NAMES:])} if names else {}
        return {**rest, **listed, "description": " ".join(filter(None, words))}

    def _fitting(self) -> dict[str, Any]:
        fitting: dict[str, Any] = {}
        verdicts: dict[type, bool] = {}  # a notebook may have thousands of numbers and texts
        for name, value in self._variables().items():
            kind = type(value)
            fits = verdicts.get(kind)
            if fits is None:
                fits = self._accepts(value)
                if kind in ALIKE and isinstance(self._kinds, tuple):
                    verdicts[kind] = fits
            if fits and self._offers(name):
                fitting[name] = value
        return fitting

    def _offers(self, name: str) -> bool:
        only = self.variable.names
        return only is None or name in only

    def _variables(self) -> dict[str, Any]:
        if self.variable.namespace is not None:
            return variables_in(self.variable.namespace)
        return variables_now(self.variable.home)

    def _accepts(self, value: Any) -> bool:
        if not isinstance(self._kinds, tuple):
            return bool(self._kinds(value))
        return any(_is_a(value, kind) for kind in self._kinds)

    def _words(self, names: tuple[str, ...]) -> str:
        if not names:
            return f"(The notebook has no variable {self.label} now, so there is nothing to give.)"
        what = f"The name of a variable {self.label}"
        if len(names) > MAX_NAMES:
            return f"({what}; the newest {MAX_NAMES} of {len(names)} are listed.)"
        return f"({what}.)"

    def _what_is_wrong(self, name: str) -> str:
        value = self._variables().get(name, MARK)
        if value is MARK or self._accepts(value):  # the latter is not among the allowed names
            return "there is no such variable: it has to be the name"
        return f"this variable is of type {_type_name(type(value))}: it has to be the name"

    def _error(self, wrong: str, came: str = "") -> PydanticCustomError:
        names = self.names()
        close = difflib.get_close_matches(came, names, n=3)
        listed = [*close, *(name for name in names[-MAX_NAMES:] if name not in close)]
        known = f"one of {', '.join(listed)}" if listed else "but there is none now"
        if len(names) > len(listed):
            known += f" (and {len(names) - len(listed)} older ones)"
        return PydanticCustomError(
            "variable_name",
            "{wrong} of a variable {label}, {known}",
            {"wrong": wrong, "label": self.label, "known": known},
        )


def offers_in(schema: Any) -> list[Offer]:
    """The places in a schema, or a part of one, where names are offered."""
    if isinstance(schema, Offer):
        return [schema]
    if isinstance(schema, dict):
        return [offer for value in schema.values() for offer in offers_in(value)]
    return [o for value in schema for o in offers_in(value)] if isinstance(schema, list) else []


def with_names(schema: Any) -> Any:
    """A schema, or a part of one, with the names of now."""
    if isinstance(schema, dict):
        node = {key: with_names(value) for key, value in schema.items()}
        return node[MARK].node(node) if isinstance(node.get(MARK), Offer) else node
    return [with_names(value) for value in schema] if isinstance(schema, list) else schema


def _class_of(part: Any) -> Any:
    """What `isinstance` can be asked of an annotation."""
    if part is Any:
        return object
    bare = part.__origin__ if hasattr(part, "__metadata__") else part
    return typing.get_origin(bare) or bare


def _check(kinds: Any) -> None:
    try:
        isinstance(None, kinds)
    except TypeError as error:
        raise ToolSchemaError(
            f"Variable(): whether an object is a {_label(kinds)} cannot be checked ({error}). Give "
            "the class, or a function of the object, as Variable(kind=...)."
        ) from error


def _is_a(value: Any, kind: type) -> bool:
    if kind is object:  # anything: of the names in a notebook, those that hold data
        return not isinstance(value, CODE) and _library(type(value)) not in TOOLING
    try:
        if isinstance(value, kind):
            return True
    except Exception:  # a proxy whose object is not there yet: what it is itself still counts
        return issubclass(type(value), kind)
    # A class whose cell was run again is another class of the same name, and objects are of either.
    return kind.__module__ == "__main__" and any(
        (base.__module__, base.__qualname__) == (kind.__module__, kind.__qualname__)
        for base in type(value).__mro__
    )


def _label(kinds: Any) -> str:
    if isinstance(kinds, tuple):
        names = [_type_name(kind) for kind in kinds if kind is not object]
        return f"of type {' or '.join(dict.fromkeys(names))}" if names else "with data"
    return "that fits"


def _type_name(kind: Any) -> str:
    """``pandas.DataFrame``, ``list``: with the library, since several have a DataFrame."""
    library, name = _library(kind), getattr(kind, "__name__", str(kind))
    return name if library in ("__main__", "builtins") else f"{library}.{name}"


def _library(kind: Any) -> str:
    return str(getattr(kind, "__module__", "")).partition(".")[0]
