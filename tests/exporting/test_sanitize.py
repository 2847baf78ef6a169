"""The allowlist, by both of the libraries that keep it."""

import re
from html.parser import HTMLParser

import pytest
from brs_kb import get_all_payloads

from nbagent.exporting.sanitize import (
    ATTRIBUTES,
    CLASSES,
    SCHEMES,
    TAGS,
    Sanitizer,
    by_bleach,
    by_nh3,
)

LIBRARIES = [by_nh3, by_bleach]


class Elements(HTMLParser):
    """What elements, attributes and addresses there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags.add(tag)
        self.names |= {name for name, _ in attributes}
        self.addresses += [value or "" for name, value in attributes if name == "href"]


def by(library: object) -> Sanitizer:
    """A sanitizer that is installed here."""
    assert callable(library)
    made: Sanitizer | None = library()
    assert made is not None
    return made


@pytest.mark.parametrize("library", LIBRARIES)
def test_tables_and_words_stay(library: object) -> None:
    """Cells, spans and emphasis are kept; style sheets, classes, ids and handlers are not."""
    given = (
        '<style scoped>.dataframe {}</style><table border="1" class="dataframe" id="t"><thead>'
        '<tr><th colspan="2" style="position:fixed">a</th></tr></thead><tbody>'
        '<tr onclick="x()"><td><b>1</b></td><td>&lt;2&gt;</td></tr></tbody></table>'
    )
    assert by(library)(given) == (
        '<table><thead><tr><th colspan="2">a</th></tr></thead><tbody>'
        "<tr><td><b>1</b></td><td>&lt;2&gt;</td></tr></tbody></table>"
    )


@pytest.mark.parametrize("library", LIBRARIES)
def test_classes_are_ours(library: object) -> None:
    """A class of the host's cannot be worn; those of formulas can."""
    clean = by(library)
    assert clean('<span class="jp-Button">a</span>') == "<span>a</span>"
    assert all(name in clean(f'<span class="{name}">a</span>') for name in CLASSES)


@pytest.mark.parametrize("library", LIBRARIES)
def test_public_attacks(library: object) -> None:
    """Of thousands of attacks no element and no address is left but those that are allowed."""
    clean = by(library)
    attacks = sorted({str(entry["payload"]) for entry in get_all_payloads().values()})
    for attack in attacks[::3]:
        look = Elements(clean(f"<table><tr><td>{attack}</td></tr></table>"))
        assert look.tags <= TAGS, attack
        assert look.names <= {"class", "rel", *set().union(*ATTRIBUTES.values())}, attack
        for address in look.addresses:
            scheme = re.match(r"\s*([\w.+-]+):", address)
            assert scheme is None or scheme[1].lower() in SCHEMES, attack
