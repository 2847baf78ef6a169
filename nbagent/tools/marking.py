"""Finds the notebook types in an annotation and marks them with `Variable`.

pandas, polars, numpy, matplotlib and the others are recognised by the module and name of a type
(of any of its bases) and are never imported.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Union

from pydantic import Field

from nbagent.tools.variables import Variable

__all__ = ["is_notebook_object", "with_variables"]

KINDS: Mapping[str, frozenset[str]] = {
    "pandas": frozenset({"DataFrame", "Series", "Index"}),  # geopandas' are subclasses
    "polars": frozenset({"DataFrame", "LazyFrame", "Series"}),
    "numpy": frozenset({"ndarray"}),
    "matplotlib": frozenset({"FigureBase", "Figure", "Axes"}),
    "xarray": frozenset({"Dataset", "DataArray"}),
    "pyarrow": frozenset({"Table", "RecordBatch"}),
    "dask": frozenset({"DataFrame", "Series", "Array"}),
    "torch": frozenset({"Tensor", "Module"}),
    "scipy": frozenset({"sparray", "spmatrix"}),
    "sklearn": frozenset({"BaseEstimator"}),
    "plotly": frozenset({"BaseFigure"}),
    "altair": frozenset({"TopLevelMixin"}),
    "PIL": frozenset({"Image"}),
}
UNIONS = (typing.Union, types.UnionType)
# Types made at run time: named so that type checkers do not read them as type expressions.
ANNOTATED: Any = Annotated
UNION: Any = Union


def is_notebook_object(value: Any) -> bool:
    """Whether a value is a DataFrame, an array, a figure or the like."""
    return _is_notebook_type(type(value))


def with_variables(annotation: Any, home: Mapping[str, Any]) -> Any:
    """The annotation with every notebook type in it marked, also inside of lists and unions.

    Args:
        annotation: A resolved annotation.
        home: The globals of the function, where names are looked up if no shell runs.
    """
    if hasattr(annotation, "__metadata__"):
        return _annotated(annotation, home)
    origin = typing.get_origin(annotation)
    if _is_notebook_type(origin or annotation):
        return _with_notes(annotation, Variable(home=home))
    if origin is None or origin is typing.Literal:
        return annotation
    parts = typing.get_args(annotation)
    new = _of_union(parts, home) if origin in UNIONS else _of_each(parts, home)
    if new == parts:
        return annotation
    if origin not in UNIONS:
        return origin[new]
    # Any text is a str, also a name: the variables come first.
    return _with_notes(UNION[new], Field(union_mode="left_to_right")) if str in new else UNION[new]


def _with_notes(*parts: Any) -> Any:
    return ANNOTATED[parts]


def _annotated(annotation: Any, home: Mapping[str, Any]) -> Any:
    inner, notes = annotation.__origin__, annotation.__metadata__
    if any(note is Variable or isinstance(note, Variable) for note in notes):
        return _with_notes(inner, *(_at_home(note, home) for note in notes))
    new = with_variables(inner, home)
    return annotation if new is inner else _with_notes(new, *notes)


def _at_home(note: Any, home: Mapping[str, Any]) -> Any:
    made = Variable() if note is Variable else note
    return replace(made, home=home) if isinstance(made, Variable) else made


def _of_union(parts: tuple[Any, ...], home: Mapping[str, Any]) -> tuple[Any, ...]:
    """The types of a union; those out of notebooks as one, for one list of names."""
    marked = tuple(p for p in parts if _is_notebook_type(typing.get_origin(p) or p))
    others = _of_each(tuple(part for part in parts if part not in marked), home)
    return (_with_notes(UNION[marked], Variable(home=home)), *others) if marked else others


def _of_each(parts: tuple[Any, ...], home: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(with_variables(part, home) for part in parts)


def _is_notebook_type(kind: Any) -> bool:
    if not isinstance(kind, type) or hasattr(kind, "__get_pydantic_core_schema__"):
        return False
    return any(base.__name__ in KINDS.get(_library(base), ()) for base in kind.__mro__)


def _library(kind: type) -> str:
    return str(kind.__module__).partition(".")[0]
