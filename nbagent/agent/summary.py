"""The summary of a conversation, written by the model that holds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nbagent.agent.session import Session
from nbagent.errors import StreamTruncated
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    Prompt,
    TextPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.tools.for_model import cut

__all__ = ["INSTRUCTIONS", "summarised"]

INSTRUCTIONS = (
    "This is the beginning of a conversation between a person and an assistant with tools; it has "
    "become too long. Write down what the assistant has to know to go on as if it had all of it: "
    "what the person said of themselves and what they want, what was decided, every name, number, "
    "file and result that may be needed again, what was tried and failed, and what is still open. "
    "Write short facts, in the person's language, most important first, and nothing else."
)
SPEAKERS = {"user": "Person", "assistant": "Assistant", "tool": "Results", "system": "System"}
CHARACTERS = 4  # a token, as in `tokens`
SHORTEST = 200  # characters that are left of each part, however long the conversation is


async def summarised(
    session: Session, messages: Iterable[Message], instructions: str, *, tokens: int
) -> str:
    """Asks the model for a summary, in a request without tools that is no part of the conversation.

    Args:
        session: Where the model and its executor are known, and the request is paid.
        messages: What is summarised.
        instructions: How.
        tokens: How long the request may be: longer parts are cut in their middle.

    Raises:
        NbagentError: The model could not be asked, or said nothing.
    """
    settings = session.settings
    told = _told(messages, tokens * CHARACTERS)
    # The instructions come last: a small model does what it read last.
    asked = (Message.user(f"<conversation>\n{told}\n</conversation>\n\n{instructions}"),)
    reply = await settings.executor.execute(
        Prompt(asked), model=settings.model, **_params(settings.params)
    )
    session.spent.add(settings.model, reply, asked)
    text = reply.text.strip()
    if not text:
        raise StreamTruncated(f"{settings.model} wrote no summary of the conversation.")
    return text


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that are about the reply's form belong to the conversation's own replies."""
    values = dict(params)
    for name in ("tool_choice", "parallel_tool_calls", "output", "stop"):
        values.pop(name, None)
    return values


def _told(messages: Iterable[Message], room: int) -> str:
    """The conversation as text. Whatever is long is cut until the whole is not."""
    told = [(SPEAKERS[said.role], _words(part)) for said in messages for part in said.parts]
    longest = max((len(words) for _, words in told), default=0)
    while longest > SHORTEST and sum(min(len(w), longest) for _, w in told) > room:
        longest = max(SHORTEST, longest // 2)
    return "\n\n".join(f"{who}: {cut(words, longest)}" for who, words in told if words)


def _words(part: Part) -> str:
    if isinstance(part, TextPart):
        return part.text
    if isinstance(part, ToolCall):
        return f"(calls {part.name} with {part.arguments})"
    if isinstance(part, ToolResultPart):
        return f"({part.name} {'failed' if part.error else 'gave'}: {part.text})"
    if isinstance(part, ImagePart):
        return "(a picture)"
    if isinstance(part, FilePart):
        return f"(the file {part.name!r}) {_file_text(part)}"
    return ""  # a thought


def _file_text(part: FilePart) -> str:
    return part.data.decode("utf-8", "replace") if part.media_type.startswith("text/") else ""
