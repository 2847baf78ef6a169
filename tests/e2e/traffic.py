"""What the kernel sends to the page, read from the page's own websocket."""

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from playwright.sync_api import Page, WebSocket


@dataclass(frozen=True)
class KernelMessage:
    """A message of the kernel: when it left there, its type, its content, its sizes in bytes.

    When it came would tell of the machine that reads it.
    """

    at: float
    type: str
    content: dict[str, Any]
    buffers: int
    content_size: int
    frame_size: int

    @property
    def data(self) -> dict[str, Any]:
        """The ``data`` of a comm message."""
        return self.content.get("data", {})


class Traffic:
    """Collects every kernel message that reaches a page, from its first websocket on."""

    def __init__(self, page: Page) -> None:
        self.messages: list[KernelMessage] = []
        self._page = page
        page.on("websocket", self._listen)

    def stop(self) -> None:
        """Collects nothing more."""
        self._page.remove_listener("websocket", self._listen)

    def comm_messages(self) -> list[KernelMessage]:
        """Messages of widgets: custom ones and trait updates."""
        return [message for message in self.messages if message.type == "comm_msg"]

    def custom_messages(self) -> list[KernelMessage]:
        """The custom messages of anywidget models, where nbagent's ops travel."""
        return [m for m in self.comm_messages() if m.data.get("method") == "custom"]

    def clear(self) -> None:
        """Forget what came so far."""
        self.messages.clear()

    def _listen(self, websocket: WebSocket) -> None:
        if "/channels" in websocket.url:
            websocket.on("framereceived", self._received)

    def _received(self, frame: bytes | str) -> None:
        message = read(frame)
        if message is not None:
            self.messages.append(message)


def read(frame: bytes | str) -> KernelMessage | None:
    """A frame of Jupyter's websocket protocol (v1: binary with an offset table; else JSON)."""
    if isinstance(frame, str):
        document = json.loads(frame)
        content, kind = document["content"], document["header"]["msg_type"]
        left = _left(document["header"])
        return KernelMessage(left, kind, content, 0, len(json.dumps(content)), len(frame))
    count = struct.unpack_from("<Q", frame)[0]
    offsets = struct.unpack_from(f"<{count}Q", frame, 8)
    parts = [frame[a:b] for a, b in zip(offsets, (*offsets[1:], None), strict=True)]
    _channel, packed, _parent, _metadata, content, *buffers = parts
    header = json.loads(packed)
    return KernelMessage(
        _left(header),
        header["msg_type"],
        json.loads(content),
        sum(map(len, buffers)),
        len(content),
        len(frame),
    )


def _left(header: dict[str, Any]) -> float:
    """When the kernel wrote a message, in seconds."""
    return datetime.fromisoformat(header["date"].replace("Z", "+00:00")).timestamp()


def peak_rate(messages: list[KernelMessage], window: float = 1.0) -> int:
    """The most messages within any ``window`` seconds."""
    times = [message.at for message in messages]
    return max((sum(start <= t < start + window for t in times) for start in times), default=0)
