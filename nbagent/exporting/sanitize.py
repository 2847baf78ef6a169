"""HTML of others, down to words and tables: an allowlist, kept by a library that is there.

nh3 comes with the extra ``export``; bleach comes with every Jupyter (nbconvert needs it). Where
neither is installed nothing passes, and the caller shows text.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, TypeAlias

__all__ = ["Sanitizer", "by_bleach", "by_nh3", "sanitizer"]

Sanitizer: TypeAlias = Callable[[str], str]

_WORDS = "a abbr b br code del em i kbd mark q s samp small span strong sub sup u var wbr"
_BLOCKS = "blockquote dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre section ul"
_TABLES = "caption col colgroup table tbody td tfoot th thead tr"
TAGS = frozenset(f"{_WORDS} {_BLOCKS} {_TABLES}".split())
SCHEMES = frozenset({"http", "https", "mailto"})
# No style, no id and no name: nothing can be put over the page or stand in for a part of it.
ATTRIBUTES = {
    "a": {"href", "title"},
    "col": {"span"},
    "colgroup": {"span"},
    "div": {"class"},
    **{f"h{level}": {"class"} for level in range(1, 7)},
    "ol": {"start"},
    "span": {"class"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
# The classes that our own renderer writes.
CLASSES = frozenset({"tex2jax_process", "mathjax_process", "jp-toc-ignore"})
# Content that is no words; bleach would leave it as text.
_UNREAD = re.compile(r"<(style|script|title)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)


@lru_cache(1)
def sanitizer() -> Sanitizer | None:
    """Makes HTML harmless; None where no library for it is installed."""
    return by_nh3() or by_bleach()


def by_nh3() -> Sanitizer | None:
    """As nh3 (ammonia, in Rust) does it."""
    nh3 = _optional("nh3")
    if nh3 is None:
        return None
    clean = partial(
        nh3.clean,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "title"},
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=lambda tag, name, value: value if _allowed(tag, name, value) else None,
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
    )
    return lambda html: str(clean(html))


def by_bleach() -> Sanitizer | None:
    """As bleach (html5lib, in Python) does it."""
    bleach = _optional("bleach")
    if bleach is None:
        return None
    cleaner = bleach.Cleaner(tags=TAGS, attributes=_allowed, protocols=SCHEMES, strip=True)
    return lambda html: str(cleaner.clean(_UNREAD.sub("", html)))


def _allowed(tag: str, name: str, value: str) -> bool:
    known = name in ATTRIBUTES.get(tag, ())
    return known and (name != "class" or set(value.split()) <= CLASSES)


def _optional(name: str) -> Any | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
