"""What people pass in, checked where it comes in: the error says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from nbagent.errors import ConfigurationError
from nbagent.messages import FilePart, ImagePart, Message, Part, TextPart
from nbagent.models import TOOL_CALLING
from nbagent.tools import Tool

__all__ = [
    "Question",
    "approver_of",
    "content_of",
    "history_of",
    "params_of",
    "steps_of",
    "tool_calling_of",
    "tools_by_name",
    "waits",
]

Question: TypeAlias = str | Sequence[str | Part]


def content_of(question: Question) -> tuple[str | Part, ...]:
    """The parts of a question.

    Raises:
        ConfigurationError: It is empty, or something else than words, images and files.
    """
    if isinstance(question, (TextPart, ImagePart, FilePart)):
        question = [question]
    if not isinstance(question, (str, list, tuple)):
        raise ConfigurationError(
            f"A question is words, or a list of words, images and files; got {_kind(question)}."
        )
    content = (question,) if isinstance(question, str) else tuple(question)
    for item in content:
        if not isinstance(item, (str, TextPart, ImagePart, FilePart)):
            raise ConfigurationError(
                "A question is made of words (str), TextPart, ImagePart and FilePart; "
                f"got {_kind(item)}."
            )
    if all(_blank(item) for item in content):
        raise ConfigurationError("There is nothing to ask: the question is empty.")
    return content


def waits(when_busy: str) -> bool:
    """Whether a question waits for the run that is going on.

    Raises:
        ConfigurationError: It is neither of the two words.
    """
    if when_busy not in ("wait", "refuse"):
        raise ConfigurationError(f"when_busy is 'wait' or 'refuse'; got {when_busy!r}.")
    return when_busy == "wait"


def tools_by_name(tools: Iterable[Any]) -> Mapping[str, Tool[..., Any]]:
    """Tools from tools and plain functions.

    Raises:
        ToolSchemaError: A function cannot be described.
        ConfigurationError: Two have the same name, or there is no list.
    """
    if isinstance(tools, (str, bytes)) or not isinstance(tools, Iterable):
        raise ConfigurationError(
            f"tools is a list of functions, as in tools=[summary]; got {_kind(tools)}."
        )
    named: dict[str, Tool[..., Any]] = {}
    for item in tools:
        made = Tool.of(item)
        if made.name in named:
            raise ConfigurationError(
                f"Two tools are named {made.name!r}. Give one another name: @tool(name=…)."
            )
        named[made.name] = made
    return named


def steps_of(max_steps: Any) -> int:
    """How often a run may ask the model.

    Raises:
        ConfigurationError: It is not a whole number from 1 on.
    """
    if not isinstance(max_steps, int) or isinstance(max_steps, bool) or max_steps < 1:
        raise ConfigurationError(f"max_steps is a whole number, at least 1; got {max_steps!r}.")
    return max_steps


def approver_of(approver: Any) -> Any:
    """What answers requests for approval, or None.

    Raises:
        ConfigurationError: It cannot be called.
    """
    if approver is not None and not callable(approver):
        raise ConfigurationError(
            "approver is an async function that takes an ApprovalRequested and gives True, False "
            f"or a reason; got {_kind(approver)}."
        )
    return approver


def tool_calling_of(value: Any) -> str | None:
    """How tools reach the model, or None to leave it to the model.

    Raises:
        ConfigurationError: There is no such way.
    """
    if value is None or value in TOOL_CALLING:
        return value  # type: ignore[no-any-return]  # one of the strings it was found among
    raise ConfigurationError(f"tool_calling is one of {', '.join(TOOL_CALLING)}; got {value!r}.")


def params_of(params: Any) -> dict[str, Any]:
    """Parameters of every request.

    Raises:
        ConfigurationError: It is not a mapping with names as keys.
    """
    if params is None:
        return {}
    if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
        raise ConfigurationError(
            f"params is a mapping such as {{'temperature': 0}}; got {_kind(params)}."
        )
    return dict(params)


def history_of(history: Any) -> tuple[Message, ...]:
    """The messages of a conversation.

    Raises:
        ConfigurationError: It is not a list of messages.
    """
    try:
        if isinstance(history, (str, Mapping)):
            raise TypeError(f"got {_kind(history)}")
        return tuple(map(_message, history))
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise ConfigurationError(
            "history is a list of messages: Message, or mappings such as "
            f"{{'role': 'user', 'content': 'Hello'}}; {error}."
        ) from error


def _message(value: Any) -> Message:
    message = Message.of(value)
    if isinstance(value, Message) or message.role != "assistant":
        return message
    # Written down elsewhere, and so whole: without a reason it would pass for one that broke off.
    return replace(message, finish_reason="tool_calls" if message.tool_calls else "stop")


def _blank(item: Any) -> bool:
    text = item.text if isinstance(item, TextPart) else item
    return isinstance(text, str) and not text.strip()


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
