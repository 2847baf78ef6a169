"""The request of the ``schema`` form: tools described in words, replies constrained to a schema.

A reply is one JSON object: ``{"tool": name, "arguments": {…}}`` for a call, ``{"reply": words}``
for an answer. Calls and results of the conversation so far are written in the same form, so that
the model sees its own earlier calls as it would write them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pydantic_core

from nbagent.json_text import to_json
from nbagent.messages import Message, Part, Prompt, TextPart, ToolResultPart, ToolSpec
from nbagent.output_schema import OutputSchema, described

__all__ = ["encode_prompt", "repeats", "reply_schema"]

INSTRUCTIONS = """\
Answer with one JSON object. To use a tool: {{"tool": "<name>", "arguments": {{…}}}}. \
{answer}
Use a tool when the question is about something that the tool can find out; never guess it. \
When you have the tool's result, reply {manner} and state the result exactly as it is.

Tools:
{tools}"""
IN_WORDS = 'To answer in words: {"reply": "<your answer>"}.'
IN_FIELDS = """\
To answer: {{"reply": {{…}}}}, where the reply has exactly these fields, in this order:
{fields}"""

# The question stands last: a small model goes on from what it read last, and repeats it when that
# is an instruction.
AFTER_RESULT = (
    '\nAnswer this question with the result, in one sentence as {"reply": "…"}, unless it needs '
    "another tool first: "
)
AFTER_RESULT_IN_FIELDS = (
    '\nAnswer this question with the result, as {"reply": {…}}, unless it needs another tool '
    "first: "
)
AFTER_FAILURE = (
    "\nUse a tool again with what was wrong put right, or say why this cannot be answered: "
)
DEFINITIONS = "#/$defs/"


def reply_schema(
    specs: Iterable[ToolSpec], choice: str | None, output: OutputSchema | None
) -> dict[str, Any]:
    """The schema of a reply: one of the calls, or words (or the asked-for output).

    Args:
        specs: The tools.
        choice: ``"required"`` leaves the words out, a tool's name leaves the others out too.
        output: The form of an answer; words by default.
    """
    definitions: dict[str, Any] = {}
    options = []
    for spec in specs:
        if choice in (None, "auto", "required", spec.name):
            parameters = _hoisted(spec.name, spec.parameters, definitions)
            options.append(_object(tool={"const": spec.name}, arguments=parameters))
    if choice in (None, "auto"):
        answer: Mapping[str, Any] = {"type": "string"}
        if output is not None:
            answer = _hoisted("reply", output.schema, definitions)
        options.append(_object(reply=answer))
    schema: dict[str, Any] = {"anyOf": options}
    return {**schema, "$defs": definitions} if definitions else schema


def encode_prompt(
    prompt: Prompt, specs: tuple[ToolSpec, ...], output: OutputSchema | None = None
) -> Prompt:
    """The prompt with tools, examples, calls and results written as words.

    Args:
        prompt: The conversation.
        specs: The tools.
        output: The form of an answer; words by default.
    """
    if not specs:
        # The reply is not constrained to an object then, so words stay words.
        return Prompt(tuple(_rewritten(message, plain=True) for message in prompt.messages))
    messages = [_rewritten(message, typed=output is not None) for message in prompt.messages]
    if prompt.messages and prompt.messages[-1].role == "tool":
        wish = AFTER_RESULT if output is None else AFTER_RESULT_IN_FIELDS
        messages[-1] = _with_question(messages[-1], prompt.messages, wish)
    leading = 0
    while leading < len(messages) and messages[leading].role == "system":
        leading += 1
    told = INSTRUCTIONS.format(
        answer=IN_WORDS if output is None else IN_FIELDS.format(fields=described(output.schema)),
        manner="in words" if output is None else "in that form",
        tools="\n".join(_described(spec) for spec in specs),
    )
    given = "\n\n".join(message.text for message in messages[:leading])
    system = Message.system("\n\n".join(filter(None, (given, told))))
    return Prompt((system, *_examples(specs), *messages[leading:]))


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _hoisted(owner: str, schema: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema, its definitions moved to the top and kept apart from others of their names."""
    own = dict(schema.get("$defs") or {})
    names = {
        name: name if definitions.get(name, value) == value else f"{owner}.{name}"
        for name, value in own.items()
    }
    body = {key: value for key, value in schema.items() if key != "$defs"}
    definitions.update({names[name]: _renamed(value, names) for name, value in own.items()})
    renamed: dict[str, Any] = _renamed(body, names)
    return renamed


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    if not isinstance(value, Mapping):
        return value
    renamed = {key: _renamed(item, names) for key, item in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str) and reference.startswith(DEFINITIONS):
        name = reference[len(DEFINITIONS) :]
        renamed["$ref"] = DEFINITIONS + names.get(name, name)
    return renamed


def _described(spec: ToolSpec) -> str:
    lines = [f"- {spec.name}: {spec.description}".rstrip(": ")]
    required = spec.parameters.get("required", ())
    for name, schema in spec.parameters.get("properties", {}).items():
        lines.append(_parameter(name, schema, name in required))
    return "\n".join(lines)


def _parameter(name: str, schema: Mapping[str, Any], required: bool) -> str:
    about = [str(schema.get("description") or "")]
    choices = _choices(schema)
    if choices:
        about.append("one of " + ", ".join(map(str, choices)))
    elif "type" in schema:
        about.append(str(schema["type"]))
    if not required:
        about.append("may be left out")
    return f"    {name}: " + "; ".join(filter(None, about))


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    """The values to choose from, also of an optional parameter and of a list's items."""
    if "enum" in schema:
        return list(schema["enum"])
    inner = [*schema.get("anyOf", ()), schema.get("items")]
    return [value for each in inner if isinstance(each, Mapping) for value in _choices(each)]


def _examples(specs: Iterable[ToolSpec]) -> Iterable[Message]:
    # One example of each tool in turn, so that no tool's examples stand alone at the end.
    rows = [[(spec.name, *example) for example in spec.examples] for spec in specs]
    for position in range(max(map(len, rows), default=0)):
        for row in rows:
            if position < len(row):
                name, request, arguments = row[position]
                yield Message.user(request)
                yield Message.assistant(_call(name, to_json(arguments).decode()))


def _with_question(results: Message, said: tuple[Message, ...], wish: str) -> Message:
    # Small models lose the question behind the examples and the result: without it half of their
    # answers told the right number as something else.
    asked = next((message.text for message in reversed(said) if message.role == "user"), "")
    failed = all(result.error for result in said[-1].tool_results)
    reminder = (AFTER_FAILURE if failed else wish) + asked
    return Message("user", (*results.parts, TextPart(reminder)))


def repeats(prompt: Prompt) -> bool:
    """Whether the last two replies asked for the very same calls: a model that goes in circles."""
    replies: list[set[tuple[str, str]]] = []
    for message in reversed(prompt.messages):
        if message.role == "user":
            break
        if message.role == "assistant":
            replies.append({(call.name, call.arguments) for call in message.tool_calls})
    return len(replies) > 1 and bool(replies[0]) and replies[0] == replies[1]


def _rewritten(message: Message, *, plain: bool = False, typed: bool = False) -> Message:
    if message.role == "assistant":
        if plain and not message.tool_calls:
            return message
        return Message("assistant", tuple(_said(message, typed)))
    if message.role == "tool":
        return Message("user", tuple(_results(message.tool_results)))
    return message


def _said(message: Message, typed: bool) -> Iterable[Part]:
    if message.tool_calls:
        yield TextPart("\n".join(_call(call.name, call.arguments) for call in message.tool_calls))
    elif message.text:
        reply = _object_in(message.text) if typed else None
        said = message.text if reply is None else reply
        yield TextPart(to_json({"reply": said}).decode())


def _object_in(text: str) -> Any:
    """The object that an earlier answer was, so that the model sees it as it would write it."""
    try:
        value = pydantic_core.from_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _call(name: str, arguments: str) -> str:
    return f'{{"tool": {to_json(name).decode()}, "arguments": {arguments}}}'


def _results(results: Iterable[ToolResultPart]) -> Iterable[Part]:
    for result in results:
        head = f"The tool {result.name} failed" if result.error else f"Result of {result.name}"
        yield TextPart(f"{head}: {result.text}\n")
        yield from result.images
