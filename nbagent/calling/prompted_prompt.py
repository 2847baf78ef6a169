"""The request of the ``prompted`` form: tools and the way to call them, told in words.

The wording is the one of the Hermes models, which many open models have been trained on. Calls
of the conversation so far are written in it too, and their results come as the user's messages.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbagent.json_text import to_json
from nbagent.messages import Message, Part, Prompt, TextPart, ToolCall, ToolResultPart, ToolSpec
from nbagent.output_schema import OutputSchema

__all__ = ["encode_prompted"]

INSTRUCTIONS = """\
You may call tools to help with the user's request. They are described in <tools></tools>:
<tools>
{tools}
</tools>

To call a tool, write a JSON object with its name and its arguments in <tool_call></tool_call>:
<tool_call>
{{"name": "<name>", "arguments": {{…}}}}
</tool_call>
The results come in <tool_response></tool_response>. Never guess what a tool can find out, and \
never write a result yourself. When you have the results, answer in words."""

EXAMPLE = "For example, to the request {request} you write:\n{call}"
REQUIRED = "Call {tool} now; do not answer in words yet."
ONE_AT_A_TIME = "Call at most one tool at a time."
ANSWER_FORM = (
    "Your final answer has to be one JSON object that fits this JSON schema, and nothing else:\n"
    "{schema}"
)


def encode_prompted(
    prompt: Prompt,
    specs: tuple[ToolSpec, ...],
    *,
    choice: str | None = None,
    parallel: bool | None = None,
    output: OutputSchema | None = None,
) -> Prompt:
    """The prompt with tools, calls and results written as words.

    Args:
        prompt: The conversation.
        specs: The tools; with none, only calls and results of the conversation are rewritten.
        choice: ``"none"`` leaves the tools out, ``"required"`` or a name asks for a call.
        parallel: False asks for one call at a time.
        output: The form of the answer.
    """
    messages = [_rewritten(message) for message in prompt.messages]
    described = [] if choice == "none" or not specs else _instructions(specs, choice, parallel)
    if output is not None and specs:
        schema = to_json(output.schema).decode()
        described.append(ANSWER_FORM.format(schema=schema))
    if not described:
        return Prompt(tuple(messages))
    leading = 0
    while leading < len(messages) and messages[leading].role == "system":
        leading += 1
    given = [message.text for message in messages[:leading]]
    system = Message.system("\n\n".join(filter(None, (*given, *described))))
    return Prompt((system, *messages[leading:]))


def _instructions(
    specs: tuple[ToolSpec, ...], choice: str | None, parallel: bool | None
) -> list[str]:
    texts = [INSTRUCTIONS.format(tools="\n".join(_described(spec) for spec in specs))]
    for spec in specs:
        for request, arguments in spec.examples:
            call = _call(spec.name, to_json(arguments).decode())
            asked = to_json(request).decode()
            texts.append(EXAMPLE.format(request=asked, call=call))
    if parallel is False:
        texts.append(ONE_AT_A_TIME)
    if choice not in (None, "auto"):
        texts.append(REQUIRED.format(tool="a tool" if choice == "required" else repr(choice)))
    return texts


def _described(spec: ToolSpec) -> str:
    function = {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
    }
    return to_json({"type": "function", "function": function}).decode()


def _call(name: str, arguments: str) -> str:
    named = to_json(name).decode()
    return f'<tool_call>\n{{"name": {named}, "arguments": {arguments}}}\n</tool_call>'


def _rewritten(message: Message) -> Message:
    if message.role == "assistant" and message.tool_calls:
        return Message("assistant", (TextPart("\n".join(_said(message))),))
    if message.role == "tool":
        return Message("user", tuple(_results(message.tool_results)))
    return message


def _said(message: Message) -> Iterable[str]:
    if message.text:
        yield message.text
    for part in message.parts:
        if isinstance(part, ToolCall):
            yield _call(part.name, part.arguments)


def _results(results: Iterable[ToolResultPart]) -> Iterable[Part]:
    for result in results:
        head = f"{result.name} failed: " if result.error else f"{result.name}: "
        yield TextPart(f"<tool_response>\n{head}{result.text}\n</tool_response>\n")
        yield from result.images
