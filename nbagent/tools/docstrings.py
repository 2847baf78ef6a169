"""What a docstring says: the description of a tool and of its parameters.

Google, NumPy, Sphinx and Epydoc styles, told apart by `docstring_parser`. It gives up on a whole
docstring where one line is not as it should be; such lines are mended before it sees them.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from docstring_parser import Docstring, ParseError, epydoc, numpydoc, rest
from docstring_parser.google import DEFAULT_SECTIONS, GoogleParser, Section, SectionType

__all__ = ["Described", "read_docstring"]

MORE = ("Keyword Args", "Keyword Arguments", "Other Args", "Other Arguments", "Other Parameters")
SECTIONS = [*DEFAULT_SECTIONS, *(Section(title, "param", SectionType.MULTIPLE) for title in MORE)]
GOOGLE = GoogleParser(SECTIONS)
PARAMETERS = [section.title for section in SECTIONS if section.key == "param"]
GOOGLE_HEAD = re.compile(rf"({'|'.join(PARAMETERS)}):\s*")
# "name - words" and "name -- words" of those who write no colon.
DASH = re.compile(r"^(\s+)(\*{0,2}\w+)\s+--?\s+(?=\S)")
# :class:`~package.Thing` is `Thing`, also in front of a colon that means something.
ROLES = "obj|class|func|meth|mod|attr|data|exc|ref|any|term|doc"
ROLE = re.compile(rf":(?:py:)?(?:{ROLES}):`~?([^`]+)`")
# ":param dict[str, int] x:", where the parser takes one word for the type at most.
FIELD = re.compile(r"^:(param|parameter|arg|argument|key|keyword)\s+[^:\n]*?([^\s:]+)\s*:", re.M)
# A paragraph after the fields is not of the last one.
AFTER_FIELDS = re.compile(r"(^:[^\n]*(?:\n[^\n:][^\n]*)*\n\s*\n)(?=[^\s:])", re.M)


@dataclass(frozen=True, slots=True)
class Described:
    """A description in words, and those of the parameters by name."""

    summary: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


def read_docstring(text: str | None) -> Described:
    """Read a docstring; one that no style fits is a description as it stands."""
    if not text or not text.strip():
        return Described()
    clean = ROLE.sub(r"`\1`", inspect.cleandoc(text))
    best = max(_readings(clean), key=lambda parsed: len(parsed.meta), default=None)
    return Described(clean) if best is None else Described(_summary(best), _parameters(best))


def _readings(clean: str) -> Iterator[Docstring]:
    """Each style's, where it does not give up."""
    fields = AFTER_FIELDS.sub(r"\1:more: ", FIELD.sub(r":\1 \2:", clean))
    styles = ((rest.parse, fields), (GOOGLE.parse, _google(clean)), (numpydoc.parse, clean))
    for parse, text in (*styles, (epydoc.parse, clean)):
        # The parsers clean once more, and would take the first line for one without indent.
        with contextlib.suppress(ParseError):
            yield parse("\n" + text)


def _google(clean: str) -> str:
    """With a colon in every entry of the sections of parameters."""
    head, *rest = clean.split("\n")
    if GOOGLE_HEAD.fullmatch(head) and rest and rest[0].strip() and not rest[0][0].isspace():
        rest = [f"    {line}" for line in rest]  # cleaning took the indent, the heading being first
    lines, indent = [], None
    for line in (head, *rest):
        margin = len(line) - len(line.lstrip())
        if line and not margin:
            indent = -1 if GOOGLE_HEAD.fullmatch(line) else None
        elif line and indent == -1:
            indent = margin
        if line and margin and margin == indent:
            line = DASH.sub(r"\1\2: ", line, count=1)
            line = line if ":" in line else f"{line}:"
        lines.append(line)
    return "\n".join(lines)


def _summary(parsed: Docstring) -> str:
    short, long = parsed.short_description or "", parsed.long_description or ""
    if not long:
        return short
    # Without a blank line between them the "long" part begins with the rest of the summary.
    return f"{short}\n\n{long}" if parsed.blank_after_short_description else f"{short} {long}"


def _parameters(parsed: Docstring) -> dict[str, str]:
    found: dict[str, str] = {}
    for parameter in parsed.params:
        words = " ".join((parameter.description or "").split())
        # NumPy style describes several at once: "x, y : float".
        for name in parameter.arg_name.split(","):
            if words:
                found.setdefault(name.strip().lstrip("\\*"), words)
    return found
