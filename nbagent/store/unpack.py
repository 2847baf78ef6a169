"""From the saved form to what an agent was."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, TypeVar

from nbagent import errors
from nbagent.agent.call_runner import Stopped
from nbagent.agent.calls import CallRecord
from nbagent.agent.cutting import Cut
from nbagent.agent.gone import Gone
from nbagent.agent.interrupted import interrupted
from nbagent.agent.reply import Reply
from nbagent.agent.version_tree import Limb, Place
from nbagent.errors import NbagentError, StoreError, ToolError
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
    Usage,
)
from nbagent.models import Capability, Model
from nbagent.store import format as saved
from nbagent.store.blobs import Blobs
from nbagent.tools import ToolInterrupted, ToolResult
from nbagent.tools.failures import ToolRaised
from nbagent.tools.outputs import DisplayOutput, MimeBundle, StreamOutput, ToolOutput

__all__ = ["Unpacker", "unpack_error", "unpack_model"]

E = TypeVar("E", bound=Exception)
KNOWN: dict[str, type[NbagentError]] = {
    kind.__name__: kind
    for kind in (
        *(getattr(errors, name) for name in errors.__all__),
        ToolInterrupted,
        ToolRaised,
        Stopped,
    )
}


class Unpacker:
    """Unpacks messages and records.

    Args:
        blobs: Has what is big.

    Attributes:
        failures: How runs failed, by the last message of each, as far as they were unpacked.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self.failures: list[tuple[Message, BaseException]] = []

    def message(self, message: saved.SavedMessage) -> Message:
        """A message."""
        made = Message(
            message.role,
            tuple(self._part(part) for part in message.parts),
            message.finish_reason,
            Usage(**message.usage.model_dump()),
            message.model,
            message.response_id,
        )
        if message.failed is not None:
            self.failures.append((made, unpack_error(message.failed)))
        return made

    def record(self, record: saved.SavedRecord) -> CallRecord:
        """The record of a call. An object that was not JSON is `Gone`."""
        images = tuple(self._image(image) for image in record.images)
        error = unpack_error(record.error, ToolError) if record.error is not None else None
        outcome = ToolResult(
            self._value(record.value),
            record.text,
            self._bundle(record.bundle),
            error if isinstance(error, ToolError) else None,
            images,
        )
        return CallRecord(
            record.tool_call_id,
            record.name,
            record.arguments,
            record.state,
            outcome,
            record.elapsed,
            tuple(self._output(output) for output in record.outputs),
        )

    def cut(self, cut: saved.SavedCut) -> Cut:
        """What the model is given in place of the beginning."""
        instead = tuple(self.message(message) for message in cut.instead)
        return Cut(cut.upto, instead, cut.made_at, cut.left_out, cut.summary)

    def place(self, place: saved.SavedPlace) -> Place:
        """A question with several versions."""
        return Place(place.start, place.current, tuple(map(self._version, place.others)))

    def _version(self, version: saved.SavedVersion) -> Limb:
        messages = [self.message(message) for message in version.messages]
        calls = [self.record(record) for record in version.calls]
        made, left = interrupted(messages, calls)
        return Limb(tuple(made), (*calls, *left), tuple(map(self.place, version.places)))

    def _part(self, part: saved.SavedPart) -> Part:
        if isinstance(part, saved.SavedText):
            return TextPart(part.text)
        if isinstance(part, saved.SavedReasoning):
            return ReasoningPart(part.text, part.summary, part.signature, part.id)
        if isinstance(part, saved.SavedImage):
            return self._image(part)
        if isinstance(part, saved.SavedFile):
            return FilePart(self._content(part.content), part.media_type, part.name)
        if isinstance(part, saved.SavedCall):
            return ToolCall(**part.model_dump(exclude={"type"}))
        images = tuple(self._image(image) for image in part.images)
        return ToolResultPart(part.tool_call_id, part.name, part.text, images, part.error)

    def _image(self, image: saved.SavedImage) -> ImagePart:
        data = self._content(image.content) if image.content is not None else None
        return ImagePart(data, image.media_type, image.url, image.name)

    def _bundle(self, bundle: saved.SavedBundle) -> MimeBundle:
        data = {kind: self._content(content) for kind, content in bundle.data.items()}
        return MimeBundle(data, bundle.metadata)

    def _output(self, output: saved.SavedStream | saved.SavedDisplay) -> ToolOutput:
        if isinstance(output, saved.SavedStream):
            return StreamOutput(output.name, output.text)
        return DisplayOutput(self._bundle(output.bundle), output.display_id)

    def _value(self, value: saved.SavedValue | None) -> Any:
        if value is None:
            return None
        if value.reply is not None:
            return self._reply(value.reply)
        return Gone(value.type) if value.content is None else self._content(value.content)

    def _reply(self, reply: saved.SavedReply) -> Reply:
        return Reply(
            reply.text,
            tuple(self.record(record) for record in reply.calls),
            Usage(**reply.usage.model_dump()),
            tuple(self.message(message) for message in reply.messages),
            reply.run_id,
            self._value(reply.output),
            reply.cost,
        )

    def _content(self, content: saved.SavedContent) -> Any:
        if content.file is not None:
            data = self._blobs.get(content.file)
            if content.form == "bytes":
                return data
            return data.decode() if content.form == "text" else json.loads(data)
        if content.form != "bytes":
            return content.value
        try:
            return base64.b64decode(content.value, validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise StoreError(f"Bytes that were saved are no base64: {error}.") from error


def unpack_model(model: saved.SavedModel) -> Model:
    """The model, with what it could do; what this version does not know of that is passed over."""
    known = {capability.value for capability in Capability}
    return Model(
        model.provider,
        model.name,
        frozenset(Capability(each) for each in model.capabilities if each in known),
        model.context_window,
        model.max_output_tokens,
        model.tool_calling,
    )


def unpack_error(
    error: saved.SavedError, otherwise: type[NbagentError] = NbagentError
) -> NbagentError:
    """The error as it was told: of its type where that is one of ours, else of the same name.

    Args:
        error: What was saved.
        otherwise: What one that is not ours is, and any that is not below it.
    """
    kind = KNOWN.get(error.type)
    if kind is None or not issubclass(kind, otherwise):
        kind = otherwise if otherwise is ToolError else _named(error.type, otherwise)
    made = kind(error.message)
    if error.traceback:
        made.traceback = error.traceback  # type: ignore[attr-defined]  # shown where there is one
    if error.notes:
        made.__notes__ = list(error.notes)  # type: ignore[attr-defined]  # new in Python 3.11
    if error.cause is not None:
        # Of the same name, so that a card shows what was raised and not what stands for it.
        made.__cause__ = _named(error.cause.type, Exception)(error.cause.message)
    return made


def _named(name: str, base: type[E]) -> type[E]:
    return type(re.sub(r"\W", "_", name), (base,), {})
