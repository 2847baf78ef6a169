"""The saved form: what stands in a file and in a store's rows, and the schema that is published.

A change that an older version could not read raises `VERSION`; new fields with a default do not.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "VERSION",
    "SavedAgent",
    "SavedBundle",
    "SavedCall",
    "SavedContent",
    "SavedCut",
    "SavedDisplay",
    "SavedError",
    "SavedFile",
    "SavedImage",
    "SavedLimits",
    "SavedMessage",
    "SavedModel",
    "SavedPart",
    "SavedPlace",
    "SavedReasoning",
    "SavedRecord",
    "SavedReply",
    "SavedResult",
    "SavedSettings",
    "SavedStream",
    "SavedText",
    "SavedUsage",
    "SavedValue",
    "SavedVersion",
    "schema",
]

VERSION = 1


def _whole(value: Any) -> Any:
    """Text without halves of surrogate pairs, which no file can hold."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


Text: TypeAlias = Annotated[str, BeforeValidator(_whole)]
Hash: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Saved(BaseModel):
    """What all share: fields that a newer version added are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class SavedContent(Saved):
    """Content: here, or in a file beside, named by its SHA-256. Bytes that are here are base64."""

    form: Literal["text", "bytes", "json"]
    value: Annotated[Any, BeforeValidator(_whole)] = None
    file: Hash | None = None


class SavedUsage(Saved):
    """Tokens."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    reasoning_tokens: int = 0


class SavedText(Saved):
    """Words."""

    type: Literal["text"]
    text: Text


class SavedReasoning(Saved):
    """Reasoning, with the provider's proof of it."""

    type: Literal["reasoning"]
    text: Text = ""
    summary: Text = ""
    signature: Text | None = None
    id: Text | None = None


class SavedImage(Saved):
    """An image, by content or by address."""

    type: Literal["image"]
    media_type: Text
    content: SavedContent | None = None
    url: Text | None = None
    name: Text = ""


class SavedFile(Saved):
    """A file."""

    type: Literal["file"]
    media_type: Text
    name: Text
    content: SavedContent


class SavedCall(Saved):
    """A call that the model asked for; ``arguments`` is JSON text as it wrote it."""

    type: Literal["tool_call"]
    tool_call_id: Text
    name: Text
    arguments: Text = "{}"
    provider_id: Text | None = None
    signature: Text | None = None


class SavedResult(Saved):
    """What the model read of a call's result."""

    type: Literal["tool_result"]
    tool_call_id: Text
    name: Text
    text: Text
    images: list[SavedImage] = []
    error: bool = False


SavedPart: TypeAlias = Annotated[
    SavedText | SavedReasoning | SavedImage | SavedFile | SavedCall | SavedResult,
    Field(discriminator="type"),
]


class SavedMessage(Saved):
    """One message; without a ``finish_reason`` a reply was stopped or broke off.

    ``failed``: why the run did that ended with it.
    """

    role: Literal["system", "user", "assistant", "tool"]
    parts: list[SavedPart] = []
    finish_reason: (
        Literal["stop", "tool_calls", "length", "content_filter", "refusal", "other"] | None
    ) = None
    usage: SavedUsage = SavedUsage()
    model: Text | None = None
    response_id: Text | None = None
    failed: SavedError | None = None


class SavedBundle(Saved):
    """An object in every form that a page can show, by MIME type."""

    data: dict[Text, SavedContent] = {}
    metadata: dict[Text, Any] = {}


class SavedStream(Saved):
    """What a call printed."""

    type: Literal["stream"]
    name: Literal["stdout", "stderr"]
    text: Text


class SavedDisplay(Saved):
    """What a call displayed."""

    type: Literal["display"]
    bundle: SavedBundle
    display_id: Text | None = None


class SavedError(Saved):
    """Why a call has no result, or a run; ``cause`` is the exception that a call's function raised.

    ``traceback`` is empty where the message says enough, ``notes`` say what to do.
    """

    type: Text
    message: Text
    traceback: Text = ""
    notes: list[Text] = []
    cause: SavedError | None = None


class SavedValue(Saved):
    """The object that a function returned: the name of its type, and itself where it is JSON.

    ``reply``: the run of another agent that a call was, with its own calls.
    """

    type: Text
    content: SavedContent | None = None
    reply: SavedReply | None = None


class SavedReply(Saved):
    """What a run gave; ``cost`` in US dollars."""

    text: Text = ""
    run_id: Text = ""
    usage: SavedUsage = SavedUsage()
    messages: list[SavedMessage] = []
    calls: list[SavedRecord] = []
    output: SavedValue | None = None
    cost: float | None = None


class SavedRecord(Saved):
    """One call with its outcome. ``elapsed`` is in seconds."""

    tool_call_id: Text
    name: Text
    arguments: Text
    state: Literal["done", "failed", "denied", "cancelled", "interrupted"]
    text: Text
    images: list[SavedImage] = []
    bundle: SavedBundle = SavedBundle()
    outputs: list[Annotated[SavedStream | SavedDisplay, Field(discriminator="type")]] = []
    value: SavedValue | None = None
    error: SavedError | None = None
    elapsed: float = 0.0


class SavedModel(Saved):
    """A model and what it can do."""

    provider: Text
    name: Text
    capabilities: list[Text] = []
    context_window: int | None = None
    max_output_tokens: int | None = None
    tool_calling: Literal["native", "schema", "prompted", "none"] = "native"


class SavedLimits(Saved):
    """What one question may use; ``seconds`` of time, ``cost`` in US dollars."""

    steps: int | None = None
    tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    tool_calls: int | None = None
    cost: float | None = None
    seconds: float | None = None


class SavedSettings(Saved):
    """What the agent was. Tools, shown variables and the strategy are named, not held.

    ``left_out``: parameters that were not saved, because they may hold a secret or are code.
    """

    model: SavedModel
    instructions: Text = ""
    params: dict[Text, Any] = {}
    left_out: list[Text] = []
    tools: list[Text] = []
    tool_calling: Literal["native", "schema", "prompted", "none"] | None = None
    max_steps: int = 20
    limits: SavedLimits = SavedLimits()
    early_start: bool = False
    max_parallel_calls: int = 16
    approval_timeout: float | None = None
    always_approved: list[Text] = []
    shown: list[Text] = []
    strategy: Text | None = None


class SavedCut(Saved):
    """What the model is given in place of the first ``upto`` messages of a long conversation."""

    upto: int
    instead: list[SavedMessage] = []
    made_at: int
    left_out: int
    summary: Text = ""


class SavedVersion(Saved):
    """A version of a question with all that followed; ``places``: questions of it with others."""

    messages: list[SavedMessage] = Field(min_length=1)
    calls: list[SavedRecord] = []
    places: list[SavedPlace] = []


class SavedPlace(Saved):
    """A question with several versions.

    ``start``: how many messages stand before it. ``current``: which of the versions, from 0, goes
    on in these messages; it is not among the ``others``.
    """

    start: int = Field(ge=0)
    current: int | None = None
    others: list[SavedVersion] = []


class SavedAgent(Saved):
    """A whole file. ``nbagent`` is the version of this format, ``saved`` the time in UTC."""

    nbagent: Literal[1]
    saved: Text
    settings: SavedSettings
    messages: list[SavedMessage] = []
    calls: list[SavedRecord] = []
    cut: SavedCut | None = None
    branches: list[SavedPlace] = []
    usage: SavedUsage = SavedUsage()


def schema() -> dict[str, Any]:
    """The JSON schema of a file, as it is published in ``schema.json`` beside this module."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A conversation saved by nbagent",
        **{k: v for k, v in SavedAgent.model_json_schema().items() if k != "title"},
    }
