"""From what an agent is to its saved form."""

from __future__ import annotations

import base64
import json
import math
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.agent.cutting import Cut
from nbagent.agent.engine import Engine
from nbagent.agent.gone import Gone
from nbagent.agent.recount import Failures
from nbagent.agent.reply import Reply
from nbagent.agent.version_tree import Limb, Place
from nbagent.errors import NbagentError, ToolError
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.models import Model
from nbagent.providers.params import Params
from nbagent.store import format as saved
from nbagent.store.blobs import INLINE, Blobs
from nbagent.tools.outputs import DisplayOutput, MimeBundle, StreamOutput, ToolOutput

__all__ = ["Packer", "pack_error", "pack_settings"]

# What may carry a key, and what is code.
LEFT_OUT = ("extra", "output")
SAVED_PARAMS = frozenset(field.name for field in fields(Params)) - set(LEFT_OUT)
LONGEST_TRACEBACK = 50_000  # characters; its end says what was raised
JSON_TYPES = (str, bool, int, float, list, dict, type(None))


class Packer:
    """Packs messages and records; what is big goes to ``blobs``.

    Args:
        blobs: Keeps it.
        inline: Bytes up to which content stays in place.
        failures: How runs failed; noted with the last message of each.
    """

    def __init__(
        self, blobs: Blobs, inline: int = INLINE, failures: Failures | None = None
    ) -> None:
        self._blobs = blobs
        self._inline = inline
        self._failures = failures or {}

    def message(self, message: Message) -> saved.SavedMessage:
        """A message."""
        return saved.SavedMessage(
            role=message.role,
            parts=[self._part(part) for part in message.parts],
            finish_reason=message.finish_reason,
            usage=saved.SavedUsage(**asdict(message.usage)),
            model=message.model,
            response_id=message.response_id,
            failed=pack_error(self._failures.get(id(message))),
        )

    def record(self, record: CallRecord) -> saved.SavedRecord:
        """The record of a call."""
        outcome = record.outcome
        return saved.SavedRecord(
            tool_call_id=record.tool_call_id,
            name=record.name,
            arguments=record.arguments,
            state=record.state,
            text=outcome.text,
            images=[self._image(image) for image in outcome.images],
            bundle=self._bundle(outcome.bundle),
            outputs=[packed for each in record.outputs if (packed := self._output(each))],
            value=self._value(outcome.value),
            error=pack_error(outcome.error),
            elapsed=record.elapsed,
        )

    def cut(self, cut: Cut) -> saved.SavedCut:
        """What the model is given in place of the beginning."""
        return saved.SavedCut(
            upto=cut.upto,
            instead=[self.message(message) for message in cut.instead],
            made_at=cut.made_at,
            left_out=cut.left_out,
            summary=cut.summary,
        )

    def place(self, place: Place) -> saved.SavedPlace:
        """A question with several versions."""
        others = [self._version(limb) for limb in place.others]
        return saved.SavedPlace(start=place.start, current=place.current, others=others)

    def _version(self, limb: Limb) -> saved.SavedVersion:
        return saved.SavedVersion(
            messages=[self.message(message) for message in limb.messages],
            calls=[self.record(record) for record in limb.calls],
            places=[self.place(place) for place in limb.places],
        )

    def _part(self, part: Part) -> saved.SavedPart:
        if isinstance(part, TextPart):
            return saved.SavedText(type="text", text=part.text)
        if isinstance(part, ReasoningPart):
            return saved.SavedReasoning(type="reasoning", **asdict(part))
        if isinstance(part, ImagePart):
            return self._image(part)
        if isinstance(part, ToolCall):
            return saved.SavedCall(type="tool_call", **asdict(part))
        if isinstance(part, FilePart):
            content = self._content(part.data)
            return saved.SavedFile(
                type="file", media_type=part.media_type, name=part.name, content=content
            )
        return self._result(part)

    def _result(self, part: ToolResultPart) -> saved.SavedResult:
        return saved.SavedResult(
            type="tool_result",
            tool_call_id=part.tool_call_id,
            name=part.name,
            text=part.text,
            images=[self._image(image) for image in part.images],
            error=part.error,
        )

    def _image(self, part: ImagePart) -> saved.SavedImage:
        content = self._content(part.data) if part.data is not None else None
        return saved.SavedImage(
            type="image",
            media_type=part.media_type,
            content=content,
            url=part.url,
            name=part.name,
        )

    def _bundle(self, bundle: MimeBundle) -> saved.SavedBundle:
        data = {kind: self._content(content) for kind, content in bundle.data.items()}
        return saved.SavedBundle(data=data, metadata=plain(bundle.metadata))

    def _output(self, output: ToolOutput) -> saved.SavedStream | saved.SavedDisplay | None:
        if isinstance(output, StreamOutput):
            return saved.SavedStream(type="stream", name=output.name, text=output.text)
        if isinstance(output, DisplayOutput):
            bundle = self._bundle(output.bundle)
            return saved.SavedDisplay(type="display", bundle=bundle, display_id=output.display_id)
        return None

    def _value(self, value: Any) -> saved.SavedValue | None:
        if value is None:
            return None
        if isinstance(value, Gone):
            return saved.SavedValue(type=value.type_name)
        if isinstance(value, Reply):
            return saved.SavedValue(type="Reply", reply=self._reply(value))
        content = self._content(value) if is_json(value) else None
        return saved.SavedValue(type=type(value).__name__, content=content)

    def _reply(self, reply: Reply) -> saved.SavedReply:
        return saved.SavedReply(
            text=reply.text,
            run_id=reply.run_id,
            usage=saved.SavedUsage(**asdict(reply.usage)),
            messages=[self.message(message) for message in reply.messages],
            calls=[self.record(record) for record in reply.calls],
            output=self._value(reply.output),
            cost=reply.cost,
        )

    def _content(self, value: Any) -> saved.SavedContent:
        if isinstance(value, (bytes, bytearray, memoryview)):
            data = bytes(value)
            if len(data) > self._inline:
                return saved.SavedContent(form="bytes", file=self._blobs.put(data))
            return saved.SavedContent(form="bytes", value=base64.b64encode(data).decode())
        form: Any = "text" if isinstance(value, str) else "json"
        value = plain(value)
        data = (value if form == "text" else json.dumps(value)).encode()
        if len(data) > self._inline:
            return saved.SavedContent(form=form, file=self._blobs.put(data))
        return saved.SavedContent(form=form, value=value)


def pack_settings(engine: Engine) -> saved.SavedSettings:
    """What the agent is, but for its conversation."""
    settings, runs = engine.settings, engine.runs
    kept = {name: value for name, value in settings.params.items() if name in SAVED_PARAMS}
    params = {name: value for name, value in kept.items() if is_json(value)}
    return saved.SavedSettings(
        model=_model(settings.model),
        instructions=settings.instructions,
        params=params,
        left_out=sorted(set(settings.params) - set(params)),
        tools=list(settings.tools.names),
        tool_calling=settings.tool_calling,  # type: ignore[arg-type]  # one of these, see checks
        max_steps=runs.max_steps,
        limits=saved.SavedLimits(**asdict(runs.limits)),
        early_start=runs.early_start,
        max_parallel_calls=engine.max_parallel_calls,
        approval_timeout=engine.approvals.timeout,
        always_approved=sorted(engine.approvals.always),
        shown=list(settings.shown.names),
        strategy=runs.strategy.name if runs.told else None,
    )


def plain(value: Any) -> Any:
    """``value`` as JSON: what JSON has no word for becomes text."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(_words(value))


def is_json(value: Any, depth: int = 50) -> bool:
    """Whether it comes back from JSON as it is. Types are the very ones, not below them."""
    if depth == 0 or type(value) not in JSON_TYPES:
        return False
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(is_json(item, depth - 1) for item in value)
    if isinstance(value, dict):
        return all(type(k) is str and is_json(item, depth - 1) for k, item in value.items())
    return True


def _model(model: Model) -> saved.SavedModel:
    return saved.SavedModel(
        provider=model.provider,
        name=model.name,
        capabilities=sorted(capability.value for capability in model.capabilities),
        context_window=model.context_window,
        max_output_tokens=model.max_output_tokens,
        tool_calling=model.tool_calling,
    )


def pack_error(error: BaseException | None) -> saved.SavedError | None:
    """Why a call or a run has no result, in words: what it carries besides may hold a secret."""
    if error is None:
        return None
    own = isinstance(error, NbagentError)
    trace = getattr(error, "traceback", "") if own else "".join(traceback.format_exception(error))
    cause = error.__cause__ if isinstance(error, ToolError) else None
    return saved.SavedError(
        type=type(error).__name__,
        message=_words(error),
        traceback=str(trace)[-LONGEST_TRACEBACK:],
        notes=[str(note) for note in getattr(error, "__notes__", ())],
        cause=saved.SavedError(type=type(cause).__name__, message=_words(cause)) if cause else None,
    )


def _words(value: object) -> str:
    try:
        return str(value)
    except Exception as broken:  # a person's object may fail to describe itself
        return f"(a {type(value).__name__} that cannot be read: {type(broken).__name__})"
