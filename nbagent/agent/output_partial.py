"""Values of a type from a part of their JSON: what is there so far, and nothing that is wrong.

What is whole is validated as it will be in the end. What is still open is put together from its
parts: a model, dataclass or TypedDict from the fields that have come, a list from its elements.
Only plain text is shown while it grows; a choice, a date or a number comes when it is whole.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
import typing_extensions
from pydantic_core import to_json

__all__ = ["MISSING", "PartialBuilder", "item_type"]

MISSING: Any = object()
"""Nothing can be said of this value yet."""

ANNOTATED: Any = Annotated  # for types that are put together at run time
_UNIONS = (Union, types.UnionType)
_MARKS: tuple[Any, ...] = (
    typing_extensions.Required,
    typing_extensions.NotRequired,
    typing_extensions.ReadOnly,
)
_LISTS: Mapping[Any, Any] = {
    list: list,
    set: set,
    frozenset: frozenset,
    Sequence: list,
    Iterable: list,
}


class PartialBuilder:
    """Builds values of any type, part by part; keeps what it found out about types."""

    def __init__(self) -> None:
        # By identity, as not every annotation can be hashed; the annotation is held beside it.
        self._adapters: dict[int, tuple[Any, pydantic.TypeAdapter[Any]]] = {}
        self._fields: dict[type, dict[str, tuple[str, Any]]] = {}

    def whole(self, kind: Any, data: Any) -> Any:
        """The value of a whole part, or `MISSING` where it is not valid."""
        known = self._adapters.get(id(kind))
        adapter = known[1] if known else pydantic.TypeAdapter(kind)
        self._adapters[id(kind)] = kind, adapter
        try:
            return adapter.validate_json(to_json(data))
        except Exception:
            # Also what a validator of the person's own raises: the whole answer is validated in
            # the end, and is told of it then.
            return MISSING

    def build(self, kind: Any, data: Any, depth: int, growing: bool) -> Any:
        """The value so far, or `MISSING`.

        Args:
            kind: The type.
            data: Its JSON.
            depth: How many objects and lists in it are open, itself included.
            growing: Whether the last text in it is.
        """
        if depth <= 0 and not growing:
            return self.whole(kind, data)
        plain = _plain(kind)
        if plain in (Any, object):
            return data
        if get_origin(plain) in _UNIONS:
            option = self._option(plain, data, depth, growing)
            return MISSING if option is None else self.build(option, data, depth, growing)
        if isinstance(data, str):
            return self.whole(kind, data) if plain is str else MISSING
        if _is_model(plain) and issubclass(plain, pydantic.RootModel):
            root = self.build(plain.model_fields["root"].annotation, data, depth, growing)
            return MISSING if root is MISSING else _model(plain, {"root": root})
        if isinstance(data, list):
            return self._list(plain, data, depth, growing)
        return self._object(plain, data, depth, growing)

    def _object(self, kind: Any, data: Mapping[str, Any], depth: int, growing: bool) -> Any:
        origin, arguments = get_origin(kind), get_args(kind)
        if origin in (dict, Mapping) and len(arguments) == 2:
            pairs = [
                (self.whole(arguments[0], key), value)
                for key, value in self._parts(data, lambda _: arguments[1], depth, growing).items()
            ]
            return {key: value for key, value in pairs if key is not MISSING}
        if not _is_structure(kind):
            return data if kind in (dict, Mapping) else MISSING
        fields = self.fields(kind)
        known = {key: value for key, value in data.items() if key in fields}
        if known and list(known)[-1] != list(data)[-1]:
            depth, growing = 1, False  # what is open is a field that nobody reads
        values = self._parts(known, lambda key: fields[key][1], depth, growing)
        return _structure(kind, {fields[key][0]: value for key, value in values.items()})

    def _parts(self, data: Mapping[str, Any], kind: Any, depth: int, growing: bool) -> Any:
        last = list(data)[-1] if data else None
        built = {
            key: self.build(kind(key), value, depth - 1, growing)
            if key == last
            else self.whole(kind(key), value)
            for key, value in data.items()
        }
        return {key: value for key, value in built.items() if value is not MISSING}

    def _list(self, kind: Any, data: Sequence[Any], depth: int, growing: bool) -> Any:
        make, kinds = _items(kind, len(data))
        if make is None:
            return MISSING
        values: list[Any] = []
        for position, (item, value) in enumerate(zip(kinds, data, strict=False)):
            last = position == len(data) - 1
            built = self.build(item, value, depth - 1, growing) if last else self.whole(item, value)
            if built is MISSING:
                break
            values.append(built)
        return make(values)

    def _option(self, union: Any, data: Any, depth: int, growing: bool) -> Any:
        """The one type of a union that an open value can be of; None while it may be several."""
        options = [option for option in get_args(union) if self._may_be(option, data, depth)]
        return options[0] if len(options) == 1 else None

    def _may_be(self, option: Any, data: Any, depth: int) -> bool:
        kind = _plain(option)
        if get_origin(kind) in _UNIONS:
            return any(self._may_be(inner, data, depth) for inner in get_args(kind))
        if isinstance(data, str):
            return kind is str
        if isinstance(data, list):
            return _items(kind, 0)[0] is not None
        if not _is_structure(kind):
            return get_origin(kind) in (dict, Mapping) or kind in (dict, Any)
        fields = self.fields(kind)
        closed = list(data)[:-1] if depth > 0 else list(data)
        return data.keys() <= fields.keys() and all(
            data[key] in get_args(_plain(fields[key][1]))
            for key in data
            if get_origin(_plain(fields[key][1])) is Literal
            and (key in closed or not isinstance(data[key], str))
        )

    def fields(self, kind: type) -> dict[str, tuple[str, Any]]:
        """The fields of a structure by their keys in JSON: the name and the type of each."""
        if kind not in self._fields:
            self._fields[kind] = dict(_fields(kind))
        return self._fields[kind]


def item_type(kind: Any) -> Any:
    """The type of a list's elements, or None where it is no list of any length."""
    plain = _plain(kind)
    origin, arguments = get_origin(plain), get_args(plain)
    if origin in (list, Sequence, Iterable):
        return arguments[0]
    return arguments[0] if origin is tuple and arguments[1:] == (...,) else None


def _plain(kind: Any) -> Any:
    """The type without what is said about it."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif isinstance(kind, typing_extensions.TypeAliasType):
            kind = kind.__value__
        elif hasattr(kind, "__supertype__"):
            kind = kind.__supertype__
        else:
            return kind


def _items(kind: Any, count: int) -> tuple[Any, list[Any]]:
    """What makes a list of this type, and the types of its elements."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in (list, tuple, set, frozenset):
        return kind, [Any] * count
    if origin is tuple:
        many = arguments[1:] == (...,)
        return tuple, [arguments[0]] * count if many else list(arguments)
    return _LISTS.get(origin), list(arguments[:1]) * count


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, pydantic.BaseModel)


def _is_structure(kind: Any) -> bool:
    return _is_model(kind) or dataclasses.is_dataclass(kind) or typing_extensions.is_typeddict(kind)


def _fields(kind: Any) -> Iterable[tuple[str, tuple[str, Any]]]:
    if not _is_model(kind):
        for name, hint in typing_extensions.get_type_hints(kind, include_extras=True).items():
            while get_origin(hint) in _MARKS:
                hint = get_args(hint)[0]
            yield name, (name, hint)
        return
    for name, field in kind.model_fields.items():
        hint = field.annotation
        if field.metadata:
            said = (hint, *field.metadata)
            hint = ANNOTATED[said]
        alias = field.validation_alias or field.alias
        for key in {name, alias if isinstance(alias, str) else name}:
            yield key, (name, hint)


def _structure(kind: Any, values: dict[str, Any]) -> Any:
    if _is_model(kind):
        return _model(kind, values)
    if not dataclasses.is_dataclass(kind):
        return values
    made: Any = object.__new__(typing.cast(type, kind))
    for field in dataclasses.fields(kind):
        object.__setattr__(made, field.name, values.get(field.name))
    return made


def _model(kind: type[pydantic.BaseModel], values: dict[str, Any]) -> Any:
    # Not `model_construct`: it calls the class's own `model_post_init`, and makes defaults of
    # what may still come.
    made: Any = kind.__new__(kind)
    object.__setattr__(made, "__dict__", {name: values.get(name) for name in kind.model_fields})
    object.__setattr__(made, "__pydantic_fields_set__", set(values))
    object.__setattr__(made, "__pydantic_extra__", None)
    object.__setattr__(made, "__pydantic_private__", None)
    return made
