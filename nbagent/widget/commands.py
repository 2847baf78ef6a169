"""What a person asks for in the page, checked before anyone acts on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StrictBool, StrictInt, StrictStr, TypeAdapter, ValidationError

__all__ = [
    "Answer",
    "Approve",
    "Ask",
    "Asset",
    "Branch",
    "CallAgain",
    "Clear",
    "Command",
    "CommandError",
    "Deny",
    "Edit",
    "Export",
    "Hide",
    "Resync",
    "Retry",
    "Revoke",
    "Stop",
    "Switch",
    "Upload",
    "Use",
    "parse",
]


class CommandError(ValueError):
    """A message from the page is not a command; the text says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A question for the agent.

    ``files``: what was uploaded for it. ``id``: where the page waits for an answer if it cannot
    be asked.
    """

    text: StrictStr
    files: tuple[StrictStr, ...] = ()
    id: StrictStr = ""
    type: Literal["ask"] = "ask"


@dataclass(frozen=True, slots=True)
class Upload:
    """A piece of a file, in the message's buffer: its bytes from ``offset`` on."""

    file: StrictStr
    name: StrictStr
    size: StrictInt
    offset: StrictInt
    type: Literal["upload"] = "upload"


@dataclass(frozen=True, slots=True)
class Use:
    """Run the person's own slash command ``name``; ``text`` is what they wrote behind it."""

    name: StrictStr
    text: StrictStr
    files: tuple[StrictStr, ...] = ()
    id: StrictStr = ""
    type: Literal["use"] = "use"


@dataclass(frozen=True, slots=True)
class Clear:
    """Empty the conversation."""

    id: StrictStr = ""
    type: Literal["clear"] = "clear"


@dataclass(frozen=True, slots=True)
class Export:
    """Write the conversation to the file ``path``."""

    path: StrictStr
    id: StrictStr = ""
    type: Literal["export"] = "export"


@dataclass(frozen=True, slots=True)
class Switch:
    """Ask the model ``model`` from now on."""

    model: StrictStr
    id: StrictStr = ""
    type: Literal["switch"] = "switch"


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run."""

    type: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class Resync:
    """The page knows message ``seq`` and may have missed later ones."""

    seq: StrictInt
    type: Literal["resync"] = "resync"


@dataclass(frozen=True, slots=True)
class Approve:
    """Run the call, with ``arguments`` (JSON text) where the person changed them.

    ``always``: do not ask again for this tool.
    """

    tool_call_id: StrictStr
    arguments: StrictStr | None = None
    always: StrictBool = False
    type: Literal["approve"] = "approve"


@dataclass(frozen=True, slots=True)
class Deny:
    """Do not run the call; the model gets the reason."""

    tool_call_id: StrictStr
    reason: StrictStr = ""
    type: Literal["deny"] = "deny"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person says to a call's question."""

    tool_call_id: StrictStr
    text: StrictStr
    type: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Revoke:
    """Ask again for each call of the tool ``name``."""

    name: StrictStr
    type: Literal["revoke"] = "revoke"


@dataclass(frozen=True, slots=True)
class Asset:
    """The page needs the script ``name``; see `nbagent.widget.assets`."""

    name: StrictStr
    type: Literal["asset"] = "asset"


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask the last question again, in place of it and of its answer."""

    type: Literal["retry"] = "retry"


@dataclass(frozen=True, slots=True)
class CallAgain:
    """Make a call again, in place of what came of it, and go on with the answer from there."""

    tool_call_id: StrictStr
    id: StrictStr = ""
    type: Literal["call_again"] = "call_again"


@dataclass(frozen=True, slots=True)
class Edit:
    """Take back the person's ``message`` and all that followed it, and ask ``text`` instead."""

    message: StrictStr
    text: StrictStr
    type: Literal["edit"] = "edit"


@dataclass(frozen=True, slots=True)
class Branch:
    """Go on with another version, counted from 0, of the person's ``message``."""

    message: StrictStr
    version: StrictInt
    type: Literal["branch"] = "branch"


@dataclass(frozen=True, slots=True)
class Hide:
    """Show the agent the variable ``name`` no longer."""

    name: StrictStr
    type: Literal["hide"] = "hide"


Command: TypeAlias = (
    Ask
    | Stop
    | Resync
    | Approve
    | Deny
    | Answer
    | Revoke
    | Retry
    | CallAgain
    | Edit
    | Branch
    | Hide
    | Asset
    | Upload
    | Use
    | Clear
    | Export
    | Switch
)

_adapter: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])


def parse(content: object) -> Command:
    """The command in a custom message.

    Raises:
        CommandError: It is not one; the text names the field and what it should be.
    """
    try:
        return _adapter.validate_python(content)
    except ValidationError as error:
        reasons = (
            f"{'.'.join(str(key) for key in problem['loc']) or 'message'}: {problem['msg']}"
            for problem in error.errors(include_url=False, include_input=False)
        )
        raise CommandError("; ".join(reasons)) from None
