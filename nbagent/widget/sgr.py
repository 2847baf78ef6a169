r"""Colours and weights of terminal text: the escape sequences ``\x1b[…m``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import TypeAlias

__all__ = ["PLAIN", "Style", "html", "plain", "restyle", "shift"]

# What is set, by kind, as the parameters that set it: {"colour": "38;5;208", "bold": "1"}.
Style: TypeAlias = tuple[tuple[str, str], ...]
PLAIN: Style = ()

_SGR = re.compile(r"\x1b\[([\d;:]*)m")
_ESCAPE = re.compile(r"\x1b(?:\[[\d;:?]*[@-~]?|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_=>]?)|[\x07\b]")
_SETS = {1: "bold", 2: "faint", 3: "italic", 4: "underline", 7: "inverse", 9: "strike"}
_ENDS = {22: ("bold", "faint"), 23: ("italic",), 24: ("underline",), 27: ("inverse",)}
_ENDS |= {29: ("strike",), 39: ("colour",), 49: ("background",)}
_CSS = {"bold": "font-weight: bold", "faint": "opacity: 0.7", "italic": "font-style: italic"}
_CSS |= {"underline": "text-decoration: underline", "strike": "text-decoration: line-through"}
# Readable on light and on dark: a saved notebook is read on both.
_NAMED = ("#6b7280", "#d0342c", "#2e8540", "#a36a00", "#2f6fde", "#a94fc4", "#16818f", "#8a8f98")
_CUBE = (0, 95, 135, 175, 215, 255)


def restyle(style: Style, text: str) -> Style:
    """The style that holds after ``text``, where ``style`` held before it."""
    if "\x1b" not in text:
        return style
    for sequence in _SGR.finditer(text):
        style = _applied(style, sequence[1])
    return style


def shift(before: Style, after: Style) -> str:
    """The escape sequence that leads from one style to another."""
    if before == after:
        return ""
    if not set(before) <= set(after):
        return f"\x1b[0m{shift(PLAIN, after)}"
    return "".join(f"\x1b[{code}m" for item in after if item not in before for code in item[1:])


def plain(text: str) -> str:
    """The text without its escape sequences."""
    return _ESCAPE.sub("", text) if _ESCAPE.search(text) else text


def html(text: str) -> str:
    """The text as HTML, its colours as inline styles."""
    return "".join(_span(piece, style) for piece, style in _pieces(text))


def _pieces(text: str) -> Iterator[tuple[str, Style]]:
    style, at = PLAIN, 0
    for sequence in _SGR.finditer(text):
        yield text[at : sequence.start()], style
        style, at = _applied(style, sequence[1]), sequence.end()
    yield text[at:], style


def _span(text: str, style: Style) -> str:
    words = escape(plain(text))
    css = "; ".join(rule for kind, code in style if (rule := _rule(kind, code)))
    return f'<span style="{css}">{words}</span>' if css and words else words


def _rule(kind: str, code: str) -> str:
    if kind in _CSS:
        return _CSS[kind]
    name = {"colour": "color", "background": "background-color"}.get(kind)
    colour = _colour([int(part) for part in code.split(";")])
    return f"{name}: {colour}" if name and colour else ""


def _colour(codes: list[int]) -> str:
    if len(codes) == 1:
        return _NAMED[codes[0] % 10]
    if codes[1] == 2:
        return "#" + "".join(f"{part:02x}" for part in codes[2:5])
    number = codes[2]
    if number < 16:
        return _NAMED[number % 8]
    if number >= 232:
        return "#" + f"{8 + (number - 232) * 10:02x}" * 3
    place = number - 16
    return "#" + "".join(f"{_CUBE[place // base % 6]:02x}" for base in (36, 6, 1))


def _applied(style: Style, parameters: str) -> Style:
    codes = [int(code) for code in re.split("[;:]", parameters) if code] or [0]
    found = dict(style)
    while codes:
        code = codes.pop(0)
        if code == 0:
            found.clear()
        elif code in (38, 48):
            _extended(found, code, codes)
        elif code in _SETS:
            found[_SETS[code]] = str(code)
        elif code // 10 in (3, 9) and code % 10 < 8:
            found["colour"] = str(code)
        elif code // 10 in (4, 10) and code % 10 < 8:
            found["background"] = str(code)
        for kind in _ENDS.get(code, ()):
            found.pop(kind, None)
    return tuple(sorted(found.items()))


def _extended(found: dict[str, str], code: int, rest: list[int]) -> None:
    """38 and 48 take the parameters of their colour along: 5;n or 2;r;g;b."""
    count = {5: 2, 2: 4}.get(rest[0] if rest else 0, 0)
    taken, rest[:] = rest[:count], rest[count:]
    if count and len(taken) == count and all(part < 256 for part in taken):
        kind = "colour" if code == 38 else "background"
        found[kind] = ";".join(map(str, [code, *taken]))
