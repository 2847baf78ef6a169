"""The prompted form: calls are parsed out of the text, everything else is words to the letter."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbagent.assembly import FrameAssembler
from nbagent.calling.prompted_decoder import PromptedText
from nbagent.errors import IncompleteToolCall
from nbagent.frames import TextComplete, TextDelta, ToolCallComplete, ToolCallDelta
from tests.cutting import cut, each_cut, places

NAMES = ("f", "get_weather")


def read(pieces, finish="stop", names=NAMES):
    """The text, the calls, and the delta texts, of a reply in these pieces."""
    assembler = FrameAssembler()
    reader = PromptedText(assembler, names)
    frames = [frame for piece in pieces for frame in reader.feed(piece)]
    frames += reader.flush(finish)
    frames += assembler.end(finish)
    text = "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
    assert text == "".join(f.text for f in frames if isinstance(f, TextComplete))
    calls = [(f.name, f.arguments) for f in frames if isinstance(f, ToolCallComplete)]
    return text, calls


A = '{"city": "Oslo"}'
CASES = [
    # What the model writes, the words, the calls.
    (f'<tool_call>\n{{"name": "f", "arguments": {A}}}\n</tool_call>', "", [("f", A)]),
    (
        f'Let me see.\n\n<tool_call>{{"name": "f", "arguments": {A}}}</tool_call>',
        "Let me see.",
        [("f", A)],
    ),
    (f'<tool_call>{{"arguments": {A}, "name": "f"}}</tool_call> Done.', "Done.", [("f", A)]),
    (
        '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>\n'
        '<tool_call>{"name": "get_weather", "arguments": {"a": 2}}</tool_call>',
        "",
        [("f", '{"a": 1}'), ("get_weather", '{"a": 2}')],
    ),
    ('<tool_call>{"name": "f"}</tool_call>', "", [("f", "{}")]),
    ('<tool_call>{"name": "f", "arguments": null}</tool_call>', "", [("f", "{}")]),
    ('<tool_call>{"name": "unknown", "arguments": {}}</tool_call>', "", [("unknown", "{}")]),
    ('<tool_call>{"name": "f", "arguments": "{\\"a\\": 1}"}</tool_call>', "", [("f", '{"a": 1}')]),
    (
        '<tool_call>{"id": 3, "name": "f", "x": [1, {"y": "}"}], "arguments": {}}</tool_call>',
        "",
        [("f", "{}")],
    ),
    ('<tool_call>{"name": "f", "arguments": {"a": 1}</tool_call> ok', "ok", [("f", '{"a": 1}')]),
    (
        '<tool_call>{"name": "f", "arguments": {"a": "</tool_call>"}}</tool_call>',
        "",
        [("f", '{"a": "</tool_call>"}')],
    ),
    (f'```json\n{{"name": "f", "arguments": {A}}}\n```', "", [("f", A)]),
    (
        f'Now:\n```json\n{{"tool": "f", "arguments": {A}}}\n```\nand more',
        "Now:\n\nand more",
        [("f", A)],
    ),
    (f'```\n{{"tool": "f", "parameters": {A}}}\n```', "", [("f", A)]),
    (
        '```json\n{"name": "f", "arguments": {}}\n{"name": "f", "arguments": {"a": 2}}\n```',
        "",
        [("f", "{}"), ("f", '{"a": 2}')],
    ),
    (f'{{"name": "f", "arguments": {A}}}', "", [("f", A)]),
    (f'I call {{"name": "f", "arguments": {A}}} now', "I call now", [("f", A)]),
    # Words.
    ("plain words", "plain words", []),
    ("  spaces \n kept \n", "  spaces \n kept \n", []),
    ("if a < b and <tool is not a tag", "if a < b and <tool is not a tag", []),
    ("a <tool_call without end", "a <tool_call without end", []),
    ('```json\n{"name": "Bob", "age": 3}\n```', '```json\n{"name": "Bob", "age": 3}\n```', []),
    ('```json\n{"name": "f", "age": 3}\n```\n', '```json\n{"name": "f", "age": 3}\n```\n', []),
    (
        '```python\nx = {"name": "f", "arguments": {}}\n```',
        '```python\nx = {"name": "f", "arguments": {}}\n```',
        [],
    ),
    ("```\nplain code {1}\n``` end", "```\nplain code {1}\n``` end", []),
    ('{"name": "unknown", "arguments": {}}', '{"name": "unknown", "arguments": {}}', []),
    ('{"a": {"name": "f", "arguments": {}}}', '{"a": {"name": "f", "arguments": {}}}', []),
    ("a set {1, 2} and {x} and {", "a set {1, 2} and {x} and {", []),
    ('write `{"name": "f", "arguments": {}}` so', 'write `{"name": "f", "arguments": {}}` so', []),
    ("write `<tool_call>` so", "write `<tool_call>` so", []),
    ("<tool_call>not json</tool_call>", "<tool_call>not json</tool_call>", []),
    ("<tool_call>", "<tool_call>", []),
    ("```json\n[1, 2]\n```", "```json\n[1, 2]\n```", []),
    ("``` inline ```", "``` inline ```", []),
    ("text with ``` in it {", "text with ``` in it {", []),
    ("`", "`", []),
    (' :{ then <tool_call>{"name": "f", "arguments": {}}</tool_call>', " :{ then", [("f", "{}")]),
    (
        "```python\nprint(1)\n```\n" + '{"name": "f", "arguments": {}}',
        "```python\nprint(1)\n```",
        [("f", "{}")],
    ),
    ("ÄÖ😀 " + '{"name": "f", "arguments": {"a": "é😀"}}', "ÄÖ😀", [("f", '{"a": "é😀"}')]),
]


@pytest.mark.parametrize(("written", "text", "calls"), CASES)
def test_each_form_of_call_and_of_words(written, text, calls):
    """Calls are found, markup is gone, all else stays; cut anywhere, the same."""
    assert read([written]) == (text, calls)
    for pieces in each_cut(written):
        assert read(pieces) == (text, calls), pieces


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_cut_gives_the_same(data):
    """Any text out of markup-like pieces is read the same wherever it is cut."""
    atoms = st.sampled_from(
        ["<tool_call>", "</tool_call>", "```", "json", "\n", " ", "{", "}", '"name"', ":", '"f"', ",",
         '"arguments"', "{}", '{"a":1}', "`", "<", "word", '"', "\\", "[", "]", "null", "é",
         '{"name": "f", "arguments": {"a": 1}}']
    )  # fmt: skip
    text = "".join(data.draw(st.lists(atoms, max_size=25)))
    pieces = cut(text, data.draw(places(len(text))))
    assert read(pieces) == read([text])


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab <>`\n.é"), max_size=60))
@example("```\n")
def test_words_stay_to_the_letter(text):
    """Text in which there is no brace and no tag comes out unchanged."""
    assert read([text]) == (text, [])


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_arguments_survive(data):
    """Whatever the arguments are, they come out as they were written, in each form."""
    values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    )  # fmt: skip
    arguments = json.dumps(data.draw(st.dictionaries(st.text(max_size=4), values, max_size=3)))
    call = f'{{"name": "f", "arguments": {arguments}}}'
    form = data.draw(st.sampled_from(["{}", "<tool_call>{}</tool_call>", "```json\n{}\n```"]))
    written = form.replace("{}", call)
    assert read(cut(written, data.draw(places(len(written))))) == ("", [("f", arguments)])


def test_arguments_stream():
    """A fragment of arguments comes out as soon as it has come."""
    assembler = FrameAssembler()
    reader = PromptedText(assembler, NAMES)
    reader.feed('<tool_call>{"name": "f", "arguments": ')
    frames = reader.feed('{"city": "Os')
    assert [f.arguments for f in frames if isinstance(f, ToolCallDelta)] == ['{"city": "Os']
    assert frames[0].index == 0


@pytest.mark.parametrize(
    "written",
    [
        "<tool_call>",
        '<tool_call>{"na',
        '<tool_call>{"name": "f',
        '<tool_call>{"name": "f", "arguments": {"a": "/home/us',
        '<tool_call>{"name": "f", "arguments"',
        '```json\n{"name": "f", "argu',
        '{"name": "f", "arguments": {"a',
    ],
)
def test_a_call_cut_by_length_is_no_call(written):
    """A call that the token limit cut is an error with the words before it, in every form."""
    for pieces in each_cut("Well. " + written if written[0] != "`" else "Well.\n" + written):
        with pytest.raises(IncompleteToolCall) as caught:
            read(pieces, "length")
        assert caught.value.partial.text.strip() == "Well."
        assert caught.value.partial.tool_calls == ()


def test_broken_arguments_that_are_declared_finished_come_out_as_they_are():
    """A model that stops with broken arguments is told of it, so they have to come out."""
    assert read(['<tool_call>{"name": "f", "arguments": {"a": oops']) == ("", [("f", '{"a": oops')])


def test_a_long_object_is_words_after_the_limit():
    """An object that is no call by its thousandth character is words, also what is within it."""
    written = '{"x": "' + "a" * 1500 + '", "name": "f", "arguments": {}} then'
    for size in (1, 7, 999, 1000, 1001, 5000):
        assert read(cut(written, range(0, len(written), size))) == (written, [])
