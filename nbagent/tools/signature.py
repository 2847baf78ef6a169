"""Reading a callable: what it is at heart, its parameters and what their annotations mean.

Functions, methods, classmethods, callable objects, `functools.partial` and functions wrapped with
`functools.wraps` are all taken apart here, so that nothing else has to know of them.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typing_extensions

from nbagent.errors import ToolSchemaError
from nbagent.tools.marking import with_variables
from nbagent.tools.readable import readable
from nbagent.tools.typed_dicts import keys_of

__all__ = [
    "LEFT_OUT",
    "UnresolvedName",
    "caller_names",
    "core",
    "is_async",
    "parameters",
    "takes_instance",
]

OWN_PACKAGE = __name__.partition(".")[0] + "."
UNPACK = (typing_extensions.Unpack, getattr(typing, "Unpack", typing_extensions.Unpack))
LEFT_OUT = object()  # the default of what is not passed at all where the model gives nothing


class UnresolvedName(Exception):
    """An annotation names something that does not exist (yet)."""

    def __init__(self, parameter: str, name: str) -> None:
        super().__init__(f"parameter {parameter!r} names {name!r}")
        self.parameter = parameter
        self.name = name


def layers(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """The callable and everything it wraps, outermost first."""
    current: Any = function
    while current is not None:
        yield current
        if isinstance(current, functools.partial):
            current = current.func
        elif inspect.ismethod(current):
            current = current.__func__
        elif inspect.isfunction(current) or inspect.isbuiltin(current) or isinstance(current, type):
            current = getattr(current, "__wrapped__", None)
        else:
            current = getattr(current, "__wrapped__", None) or _call_method(current)


def _call_method(obj: Any) -> Any:
    method = getattr(type(obj), "__call__", None)  # noqa: B004 - the function itself is wanted
    return method if inspect.isfunction(method) else None


def core(function: Callable[..., Any]) -> Callable[..., Any]:
    """The innermost function: the one whose code and globals are the person's own."""
    *_, innermost = layers(function)
    return innermost


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine or an async generator, as far as can be seen."""
    return any(
        inspect.iscoroutinefunction(layer) or inspect.isasyncgenfunction(layer)
        for layer in layers(function)
    )


def takes_instance(function: Callable[..., Any]) -> bool:
    """Whether it is a function of a class body that still misses its ``self`` or ``cls``."""
    if not inspect.isfunction(function):
        return False
    owner = function.__qualname__.rpartition(".")[0]
    in_class = bool(owner) and not owner.endswith("<locals>")
    return in_class and _first_name(function) in ("self", "cls")


def _first_name(function: Callable[..., Any]) -> str | None:
    try:
        return next(iter(inspect.signature(function).parameters), None)
    except NameError:  # Python 3.14 evaluates annotations only now, and one is of a later cell
        return next(iter(core(function).__code__.co_varnames), None)


def parameters(
    function: Callable[..., Any], names: Mapping[str, Any], *, skip_first: bool = False
) -> list[inspect.Parameter]:
    """The parameters that a caller may fill, their annotations resolved.

    What a `functools.partial` has fixed by keyword is left out: whoever fixed it meant it. The
    keys of ``**kwargs: Unpack[SomeTypedDict]`` are parameters of their own.

    Args:
        function: Any callable.
        names: Names of the surrounding function, for annotations written as text.
        skip_first: Leave out ``self`` or ``cls``.

    Raises:
        ToolSchemaError: It does not tell its parameters, as some of the built-in ones.
        UnresolvedName: An annotation names something that does not exist yet.
    """
    fixed = _fixed(function)
    found = list(_signature(function).parameters.values())[skip_first:]
    inner = core(function)
    generic = {kind.__name__: kind for kind in getattr(inner, "__type_params__", ())}
    scope = _Scope(getattr(inner, "__globals__", {}), {**generic, **names})
    resolved = (scope.resolve(item) for item in found if item.name not in fixed)
    return [each for item in resolved for each in _unpacked(item) if each.name not in fixed]


def _unpacked(parameter: inspect.Parameter) -> list[inspect.Parameter]:
    origin = typing_extensions.get_origin(parameter.annotation)
    keys = typing_extensions.get_args(parameter.annotation)
    is_unpacked = any(origin is kind for kind in UNPACK)
    if not is_unpacked or not typing_extensions.is_typeddict(keys[0]):
        return [parameter]
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=annotation,
            default=inspect.Parameter.empty if required else LEFT_OUT,
        )
        for name, (annotation, required) in keys_of(keys[0]).items()
    ]


def _fixed(function: Callable[..., Any]) -> set[str]:
    return {
        name
        for layer in layers(function)
        if isinstance(layer, functools.partial)
        for name in layer.keywords
    }


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except ValueError as error:
        raise ToolSchemaError(
            f"{function!r} does not say what parameters it takes. Wrap it in a function that does."
        ) from error
    except NameError as error:  # Python 3.14 evaluates annotations only when asked for them
        raise UnresolvedName("?", error.name or str(error)) from error


class _Scope:
    """Where the words of an annotation are looked up."""

    def __init__(self, module: dict[str, Any], local: Mapping[str, Any]) -> None:
        self._module = module
        self._local = dict(local)

    def resolve(self, parameter: inspect.Parameter) -> inspect.Parameter:
        if parameter.annotation is inspect.Parameter.empty:
            return parameter

        def holder() -> None:
            """Carries one annotation into `typing.get_type_hints`."""

        holder.__annotations__ = {"it": parameter.annotation}
        try:
            hints = typing.get_type_hints(holder, self._module, self._local, include_extras=True)
        except NameError as error:
            raise UnresolvedName(parameter.name, error.name or str(error)) from error
        except (TypeError, SyntaxError, AttributeError) as error:
            raise ToolSchemaError(
                f"The annotation of parameter {parameter.name!r}, {parameter.annotation!r}, is not "
                f"a type: {error}. A description goes into Annotated[str, 'its description']."
            ) from error
        annotation = with_variables(readable(hints["it"]), self._module)
        return parameter.replace(annotation=annotation)


def caller_names(function: Callable[..., Any]) -> dict[str, Any]:
    """The names out of the surrounding function that annotations written as text refer to.

    ``from __future__ import annotations`` turns annotations into text, and what a function
    body defines cannot be found from the text alone. Only names that occur are kept: holding the
    whole frame would keep the person's objects alive.
    """
    inner = core(function)
    words = _words_of_annotations(inner)
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(OWN_PACKAGE):
        frame = frame.f_back
    around = {} if frame.f_locals is frame.f_globals else frame.f_locals
    known = {**_closure(inner), **{word: around[word] for word in words if word in around}}
    return {word: known[word] for word in words if word in known}


def _words_of_annotations(function: Callable[..., Any]) -> set[str]:
    try:
        annotations = getattr(function, "__annotations__", {})
    except NameError:
        return set()  # Python 3.14: not text, and evaluated in its own scope when it can be
    texts = (str(annotation) for annotation in annotations.values())
    return {word for text in texts for word in re.findall(r"[^\W\d]\w*", text)}


def _closure(function: Callable[..., Any]) -> dict[str, Any]:
    """What the body uses of the function around it, which may have returned already."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    cells = zip(names, getattr(function, "__closure__", None) or (), strict=False)
    return {name: cell.cell_contents for name, cell in cells if _is_filled(cell)}


def _is_filled(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018 - reading it is the test
    except ValueError:
        return False
    return True
