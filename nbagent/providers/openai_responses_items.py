"""The output items of a response while they arrive, and what is still owed of each.

A response says everything up to four times: in deltas, when a part is done, when its item is done,
and when the response is. Servers leave out any of these, so each fragment is noted here: whatever
comes first is given, and it is given once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic_core

from nbagent.providers.fields import number, text

__all__ = ["Item", "Items"]


class Item:
    """One output item.

    Attributes:
        key: Its ``output_index``, None where the server sends none.
        id: The provider's id of the item, which is not the id of its call.
        type: ``"message"``, ``"reasoning"``, ``"function_call"``, …
        call_id: The id of its call.
        named: The name of its call has been given.
        part: The number of the part that came last, of a message.
        done: All of it has been given.
    """

    def __init__(self, key: int | None, id: str | None, type: str | None) -> None:
        self.key = key
        self.id = id
        self.type = type
        self.call_id: str | None = None
        self.named = False
        self.part = 0
        self.done = False
        self._given: dict[tuple[str, int], list[str]] = {}

    def note(self, kind: str, part: int, fragment: str) -> None:
        """A fragment of the part with that number has been given."""
        given = self._given.get((kind, part))
        if given is None:
            given = self._given[kind, part] = []
        given.append(fragment)

    def begun(self, kind: str, part: int) -> bool:
        """Whether something of that part has been given."""
        return (kind, part) in self._given

    def owed(self, kind: str, part: int, whole: Any) -> str:
        """What of the whole part has not been given yet."""
        said = _json(whole)
        given = "".join(self._given.get((kind, part), ()))
        # A whole that does not go on from the fragments was tidied up by the server; the reader
        # has seen the fragments.
        return said[len(given) :] if said.startswith(given) else ""

    def update(self, value: Mapping[str, Any]) -> Item:
        """Takes over what the item says of itself."""
        self.id = text(value.get("id")) or self.id
        self.type = text(value.get("type")) or self.type
        self.call_id = text(value.get("call_id")) or self.call_id
        return self

    def matches(self, value: Mapping[str, Any]) -> bool:
        """Whether an item at the same place can be this one, whatever its id is."""
        call_id = value.get("call_id")
        same_call = not call_id or not self.call_id or call_id == self.call_id
        return self.type == value.get("type") and same_call


class Items:
    """The items of one response, in the order in which they appeared.

    An item is known by its index, else by its id: there are servers without indexes, and servers
    that make up new ids for each event.
    """

    def __init__(self) -> None:
        self._all: list[Item] = []
        self._by_key: dict[int, Item] = {}

    def of(self, event: Mapping[str, Any], type: str) -> Item:
        """The item of that type to which a fragment belongs."""
        key = _place(event)
        if key is not None:
            known = self._by_key.get(key)
            return known if known is not None else self._add(key, event.get("item_id"), type)
        identity = event.get("item_id")
        last: Item | None = None
        for item in self._all:
            if item.type == type and identity and item.id == identity:
                return item
            if item.type == type and not item.done:
                last = item
        return last or self._add(None, identity, type)

    def added(self, event: Mapping[str, Any]) -> Item:
        """The item that an ``output_item.added`` event opens."""
        key, value = _place(event), event["item"]
        known = self._by_key.get(key) if key is not None else None
        return (known or self._add(key, None, None)).update(value)

    def finished(self, event: Mapping[str, Any]) -> Item:
        """The item of an ``output_item.done`` event."""
        key, value = _place(event), event["item"]
        if key is not None:
            return self.added(event)
        known = self._named(value) or self._last_open(value)
        return (known or self._add(None, None, None)).update(value)

    def listed(self, position: int, value: Mapping[str, Any]) -> Item:
        """The item at that position of the output that a finished response repeats."""
        known = self._named(value)
        at_place = self._by_key.get(position)
        if at_place is None and not self._by_key and position < len(self._all):
            at_place = self._all[position]
        if known is None and at_place is not None and at_place.matches(value):
            known = at_place
        key = None if position in self._by_key else position
        return (known or self._add(key, None, None)).update(value)

    def newest(self, item: Item) -> bool:
        """Whether no item has appeared after this one."""
        return self._all[-1] is item

    def _named(self, value: Mapping[str, Any]) -> Item | None:
        identity, call_id = value.get("id"), value.get("call_id")
        for item in self._all:
            if (identity and item.id == identity) or (call_id and item.call_id == call_id):
                return item
        return None

    def _last_open(self, value: Mapping[str, Any]) -> Item | None:
        for item in reversed(self._all):
            if not item.done and item.matches(value):
                return item
        return None

    def _add(self, key: int | None, identity: str | None, type: str | None) -> Item:
        item = Item(key, identity, type)
        self._all.append(item)
        if key is not None:
            self._by_key[key] = item
        return item


def _place(event: Mapping[str, Any]) -> int | None:
    index = event.get("output_index")
    return None if index is None else number(index)


def _json(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else pydantic_core.to_json(value).decode()
