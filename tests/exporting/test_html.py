"""The transcript for places without a page: complete, readable, and harmless."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from brs_kb import get_all_payloads
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.agent.events import (
    NestedItem,
    RunFailed,
    RunStarted,
    StreamItem,
    ToolFinished,
    ToolQueued,
)
from nbagent.exporting.html import as_html
from nbagent.exporting.sanitize import SCHEMES
from nbagent.exporting.saved import saved_forms
from nbagent.messages import FilePart
from nbagent.tools.outputs import MimeBundle, ToolResult
from nbagent.widget.views import TranscriptView
from tests.exporting.transcripts import (
    ANSWER,
    CARS,
    bundle,
    call,
    conversation,
    message,
    picture,
    place,
    shown,
    text,
    transcript,
)
from tests.widget.scripts import question, whole_run, words

EVIL = "<img src=x onerror=alert(1)></pre></details></div><script>alert(2)</script>"
# What is never in a transcript, whoever wrote it.
BAD = {"script", "iframe", "object", "embed", "form", "input", "button", "link", "meta", "base"}
BAD |= {"svg", "math", "video", "audio", "template", "textarea", "select"}
VOID = {"br", "col", "hr", "img", "wbr"}


class Look(HTMLParser):
    """Reads HTML as strictly as it can: what is open is closed in order, and nothing acts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Checks an element."""
        self.tags.append(tag)
        assert tag not in BAD, tag
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert not name.startswith("on"), name
            if name == "href":
                scheme = re.match(r"([a-z][a-z0-9+.-]*):", value or "", re.IGNORECASE)
                assert scheme is None or scheme[1].lower() in SCHEMES, value
            if name == "src":
                assert tag == "img" and (value or "").startswith("data:image/"), value

    def handle_endtag(self, tag: str) -> None:
        """Nothing that was written closes what is not its own."""
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Words."""
        if self.open and self.open[-1] != "style":
            self.words += data


def test_everything_is_there() -> None:
    """Words, calls with arguments and results, pictures, questions, runs inside, errors, usage."""
    html = as_html(conversation())
    said = Look(html).words
    for piece in (
        "What is the average mpg?",
        "23.5 mpg",
        "summary",
        "done, 0.3 s",
        "1 min 15 s",
        "drawing 392 points",
        "failed, 0.3 s: KeyError",
        "KeyError: 'mgp'",
        "The columns are mpg and origin.",
        "Which column?",
        "I look at the frame.",
        "Four rows",
        "StreamTruncated: The reply broke off.",
        "Asked again after 2 s.",
        "cars.csv (text/csv, 4 KB)",
        "1,834 tokens in, 412 out",
    ):
        assert piece in said, piece
    assert "<strong>23.5 mpg</strong>" in html
    assert html.count("data:image/png;base64,") == html.count("data:image/svg+xml;base64,") == 1


def test_a_table_is_a_table_and_arguments_are_rows() -> None:
    """A DataFrame's own table is kept, without its style; arguments stand key by key."""
    html = as_html(conversation())
    assert "<th>mpg</th>" in html and "dataframe" not in html
    assert '<th scope="row">column</th><td><code>&quot;mpg&quot;</code></td>' in html


def test_a_whole_run() -> None:
    """What a widget shows after every event with a picture is there."""
    html = as_html(shown(*whole_run()))
    assert "What is the average mpg?" in html and "It is <strong>23.5</strong>." in html
    assert html.count("<details") == 3


def everywhere(evil: str) -> TranscriptView:
    """The same text in every place that a person, a model or a tool can fill."""
    error: Any = dict.fromkeys(["type", "message", "traceback", "hint"], evil)
    kinds = ["text/plain", "text/html", "text/markdown", "text/latex", "image/svg+xml"]
    bundles = [{"data": {kind: evil}, "metadata": {kind: {"width": evil}}} for kind in kinds]
    outputs: list[Any] = [{"kind": "display", "bundle": each} for each in bundles]
    outputs.append({"kind": "stream", "name": "stdout", "text": evil})
    asked = {"question": evil, "choices": [evil], "answer": evil}
    card = call("a", evil, {evil: evil}, "failed", outputs=outputs, question=asked, error=error)
    raw = call("b", evil, evil, text=evil, runs=["n"])
    image = {"data": {"image/png": picture(), "text/plain": evil}, "metadata": {}}
    file = {"kind": "attachment", "part": "3", "name": evil, "media_type": evil, "size": 1}
    reasoning = {"kind": "reasoning", "part": "4", "text": evil, "summary": "", "done": True}
    parts = [text(evil), place("a"), place("b"), file | {"bundle": image}, reasoning]
    parts.append({"kind": "notice", "part": "9", "text": evil})
    messages = [message(role, role, *parts, error=error) for role in ("user", "assistant")]
    nested = {"n": message("n", "assistant", text(evil), error=error)}
    return transcript(*messages, calls=[card, raw], nested=nested, model=evil)


def test_nothing_written_becomes_markup() -> None:
    """Hostile text in every place stays text, and breaks out of none."""
    look = Look(as_html(everywhere(EVIL)))
    assert look.tags.count("img") == 4  # two attachments in two messages, of each cards' drawing
    assert "alert(2)" in look.words


def test_public_attacks() -> None:
    """A public collection of attacks, each in every place."""
    attacks = sorted({str(entry["payload"]) for entry in get_all_payloads().values()})
    for attack in attacks[::9]:
        Look(as_html(everywhere(attack)))


@settings(deadline=None)
@given(st.text(st.sampled_from("<>&\"'=/ab[]()`*_$\\|!#-\n :;javscript"), max_size=40))
def test_any_text_stays_inside(evil: str) -> None:
    """No text, wherever it stands, opens or closes what is not its own."""
    Look(as_html(everywhere(evil)))


def test_links_go_where_they_say() -> None:
    """Only the web and mail; an image elsewhere is a link, and is not loaded."""
    said = "[a](javascript:alert(1)) [b](https://x.org/?a=1&b=2) ![c](https://x.org/i.png)"
    html = as_html(transcript(message("m", "assistant", text(said))))
    assert "javascript:" not in html and "<img" not in html
    assert 'href="https://x.org/?a=1&amp;b=2"' in html and 'href="https://x.org/i.png"' in html


def test_money_is_no_formula() -> None:
    """Hosts that typeset formulas find those that are marked, and no others."""
    html = as_html(transcript(message("m", "assistant", text("$5 and $10, or $x_1 + y_2$."))))
    assert "$5 and $10, or <span" in html and 'mathjax_process">$x_1 + y_2$</span>' in html
    assert "mathjax_ignore" in html


def test_pictures_have_room() -> None:
    """Of more pictures than there is room for the last are shown, the others named with size."""
    image = {"data": {"image/png": b"\x89PNG" + bytes(450_000)}, "metadata": {}}
    calls = [call(str(number), "plot", {}, bundle=image) for number in range(4)]
    asked = [message(f"m{number}", "assistant", place(str(number))) for number in range(4)]
    html = saved_forms(transcript(*asked, calls=calls), "k")["text/html"]
    assert html.count("<img") == 2
    assert html.count("An image of 450 KB is left out here") == 2
    assert html.rindex("left out here") < html.index("<img")


def test_a_very_long_conversation_is_saved_from_its_end() -> None:
    """What a cell keeps stays below what a server passes on, and says what is not there."""
    calls = [call(str(n), "head", {"n": 3}, bundle=bundle(CARS)) for n in range(1000)]
    said = [
        message(f"m{n}", "assistant", text(ANSWER + str(n)), place(str(n))) for n in range(1000)
    ]
    forms = saved_forms(transcript(*said, calls=calls), "k")
    assert sum(map(len, forms.values())) < 1_600_000
    for form in forms.values():
        assert "earlier messages are left out here" in form and "999" in form
    assert 'data-nbagent-at="1000-m999-done"' in forms["text/html"]
    assert "left out" not in saved_forms(transcript(*said[:50], calls=calls), "k")["text/html"]
    long = transcript(message("m", "assistant", text("word " * 200_000)))
    assert "left out" not in saved_forms(long, "k")["text/html"]


def test_without_style_it_reads_well() -> None:
    """The order of the words is that of the conversation, and what is folded has a name."""
    bare = re.sub(r"<style>.*?</style>", "", as_html(conversation()), flags=re.DOTALL)
    said = Look(bare).words
    places = [said.index(piece) for piece in ("You", "Attached", "Agent", "Reasoning", "summary")]
    assert places == sorted(places)


def test_empty() -> None:
    """Before the first question there is at least a name."""
    assert "Agent (openai:gpt-5)" in as_html(transcript())


def test_no_contract_of_the_page_is_taken() -> None:
    """What is looked for in the live widget is not found in its static form."""
    names = set(re.findall(r'data-nbagent="([^"]+)"', as_html(conversation(), key="nbagent-1")))
    assert names == {"transcript"}


def test_nothing_of_a_result_becomes_markup() -> None:
    """What a tool returned and what failed, as the events tell it."""
    evil = ToolResult(None, EVIL, MimeBundle({"text/html": EVIL, "text/plain": EVIL}, {}))
    told: list[StreamItem] = [*question(EVIL), *words(EVIL)]
    told += [ToolFinished("r1", "a", EVIL, "done", evil, 0.0), RunFailed("r1", ValueError(EVIL))]
    Look(as_html(shown(*told)))


def test_runs_inside_and_attachments() -> None:
    """What went on inside of a call, and what was attached, is named."""
    attached = RunStarted("r1", "Go", "m", (FilePart(b"a,b", "text/csv", f"{EVIL}.csv"),))
    inside: list[StreamItem] = [RunStarted("r", "task", "m"), *words("I look.")]
    inside.append(ToolQueued("r", "x", "mean", "{}"))
    nested = [NestedItem("r1", "c", "cars", item) for item in inside]
    look = Look(as_html(shown(attached, ToolQueued("r1", "c", "cars", "{}"), *nested)))
    assert "I look." in look.words and "mean" in look.words and "Attached: " in look.words


@pytest.mark.parametrize("state", ["cancelled", "streaming"])
def test_a_message_that_did_not_end_says_so(state: str) -> None:
    """A stop and a kernel that died leave a word."""
    said = Look(as_html(transcript(message("m", "assistant", text("Ha"), state=state)))).words
    assert "Stopped." in said or "Not finished yet." in said


def test_what_a_tools_own_card_drew() -> None:
    """Its words stand in every form, harmless and never as source; a picture of it is kept."""
    markup = "<div style='position:fixed'><b>Berlin</b> 5 days<script>alert(1)</script></div>"
    own = {"data": {"text/html": markup, "text/plain": markup}, "metadata": {}}
    image = {"data": {"image/png": picture(), "text/plain": "a map"}, "metadata": {}}
    calls = (
        call("a", "weather", {"city": "Berlin"}, drawn={"bundle": own, "problem": ""}, bundle=own),
        call("b", "map", {"city": "Rome"}, drawn={"bundle": image, "problem": ""}),
        call("c", "gone", {"city": "Oslo"}, drawn={"bundle": None, "problem": "it raised"}),
    )
    view = transcript(
        message("m", "assistant", *(place(each["tool_call_id"]) for each in calls)), calls=calls
    )
    forms = saved_forms(view, "k")
    look = Look(forms["text/html"])
    assert not BAD & set(look.tags)
    assert forms["text/html"].count("<b>Berlin</b> 5 days") == 2
    assert "position" not in forms["text/html"].split("</style>")[1]
    assert 'alt="a map"' in forms["text/html"]
    for form in ("text/markdown", "text/plain"):
        assert "Berlin 5 days" in forms[form]
        assert "<b>" not in forms[form] and "alert" not in forms[form]
