"""A user's ``extra`` on top of a request's body. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["merged"]


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` with ``extra``, objects joined key by key, so that neither loses the other's."""
    result = dict(body)
    for name, value in extra.items():
        before = result.get(name)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        result[name] = merged(before or {}, value) if both else value
    return result
