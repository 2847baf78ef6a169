"""The one writer of a widget: events in from any thread, few messages out.

What decides the numbers: Jupyter's server drops what is over 1,000 messages a second, a slow
reader loses what is past the sockets' marks, and what is lost is the end. So a message goes out at
most every 50 ms (33 where so much comes that drawing it takes a page as long as the wait), and
after the last one two ticks follow, by which a page sees what it missed.
Nine tenths of such a message are its envelope, so what goes on for long is told less often.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from nbagent.agent.events import RunCancelled, RunFailed, RunFinished, StreamItem
from nbagent.frames import TextDelta
from nbagent.widget.clock import Clock, shared_clock
from nbagent.widget.gather import Gatherer, Outgoing
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from nbagent.widget.views import TranscriptView
from nbagent.widget.wire import AnswerMessage, AssetMessage, Op, WireMessage

__all__ = ["Sender"]

_log = logging.getLogger("nbagent")

# Seconds between two messages, 20 a second at most; and once it has gone on for a while, without
# a rest as long as that.
INTERVAL = 0.05
LATER_INTERVAL = 0.07
A_WHILE = 1.0
# So many items that wait are a flood: the page draws the first of them while the others come.
FLOOD = 500
FLOOD_INTERVAL = 0.033
# Bytes a second that a long run of large messages is held to, and the longest it waits for that.
RATE = 1_000_000
LONGEST_PAUSE = 1.0
# Seconds from the last message to its first tick, and from there to the second.
TICKS = (1.0, 2.0)

# Nothing comes after these that would be worth gathering.
_ENDS = frozenset({RunFinished, RunFailed, RunCancelled})

Content: TypeAlias = WireMessage | AssetMessage | AnswerMessage
Send: TypeAlias = Callable[[Content, list[bytes]], None]


class Sender:
    """Turns events into messages and keeps the transcript.

    Args:
        send: Sends the content and buffers of one custom message. It is called on the clock's
            thread only; what it raises is logged once and never reaches a run.
        model: The model's label to begin with.
        clock: Where time comes from; by default a thread shared by all widgets.
    """

    def __init__(self, send: Send, *, model: str = "", clock: Clock | None = None) -> None:
        self._send = send
        self._clock = clock if clock is not None else shared_clock()
        self._queue: deque[StreamItem | list[Op]] = deque()
        self._outbox: deque[Outgoing] = deque()
        # Guards the translator, the gatherer and the transcript, which are read for a snapshot on
        # whatever thread the kernel answers.
        self._lock = threading.Lock()
        self._translator = Translator(model)
        self._gatherer = Gatherer()
        self._transcript = Transcript(model)
        self._awake = False
        self._snapshot_due = False
        self._not_before = 0.0
        self._hurries = False
        self._began = self._last = float("-inf")
        self._sent = 0
        self._failing = False
        self._closed = False

    def put(self, event: StreamItem) -> None:
        """Takes an event, from any thread. Cheap: an append, and a wake-up after a pause."""
        self._queue.append(event)
        if type(event) in _ENDS:
            self._hurry()
        elif not self._awake:
            self._wake()

    def put_ops(self, ops: list[Op]) -> None:
        """Takes ops for what no event tells, from any thread."""
        self._queue.append(ops)
        self._wake()

    def put_model(self, model: str) -> None:
        """Names another model, behind all that was put so far; from any thread."""
        with self._lock:
            self._seal()
            self._queue.append(self._translator.named(model))
        self._wake()

    def run_of(self, message: str) -> str:
        """The run that began with this message of the person; empty where there is none."""
        with self._lock:
            self._seal()
            return self._translator.run_of(message)

    def resync(self, seq: int) -> None:
        """Answers a page that knows message ``seq``: a snapshot when there is something newer.

        Else a tick, by which the page knows that it is heard.
        """
        with self._lock:
            self._seal()
            newer = seq != self._gatherer.seq
            self._snapshot_due |= newer
        if newer:
            self._wake()
        elif not self._closed:
            self._clock.call_later(0.0, self._tick_back)

    def snapshot(self) -> tuple[int, TranscriptView]:
        """The transcript with all that was put so far, and the number of its last message.

        That message may still be on its way; a page that has the snapshot knows it by its number.
        """
        with self._lock:
            self._seal()
            return self._gatherer.seq, self._transcript.snapshot()

    def printed(self, tool_call_id: str) -> str:
        """All that a call printed, also what is no longer shown."""
        with self._lock:
            self._seal()
            everything = self._gatherer.printed(tool_call_id)
            return self._transcript.printed(tool_call_id) if everything is None else everything

    def post(self, content: AssetMessage | AnswerMessage, buffers: list[bytes]) -> None:
        """Sends what is no part of the transcript; from any thread."""
        if not self._closed:
            self._clock.call_later(0.0, lambda: self._write(content, buffers))

    def close(self) -> None:
        """Stops sending. What was put can still be seen in `snapshot`."""
        self._closed = True

    def _wake(self) -> None:
        # The flag is lowered before the queue is read, so an event put behind a raised flag is
        # always seen by the wake-up that is due.
        if not self._awake and not self._closed:
            self._awake = True
            now = self._clock.now()
            # Looked at twice: by then a flood may have come.
            early = self._not_before - self._interval() + FLOOD_INTERVAL
            due = early if now < early else self._not_before
            self._clock.call_later(max(0.0, due - now), self._flush)

    def _hurry(self) -> None:
        """The end of a reply waits for nothing to come with it; only large messages are paced."""
        if not self._closed:
            self._awake = self._hurries = True
            self._clock.call_later(0.0, self._flush)

    def _flush(self) -> None:
        """On the clock's thread: sends one message, and comes again while there are more."""
        self._awake = False
        if self._clock.now() < self._not_before - self._spared():
            self._wake()
            return
        self._hurries = False
        message = self._next()
        if message is not None and not self._closed:
            self._deliver(message)
            if self._outbox or self._queue or self._snapshot_due:
                self._wake()

    def _next(self) -> Outgoing | None:
        with self._lock:
            # What comes while messages wait is gathered until these are out.
            if self._snapshot_due or not self._outbox:
                self._seal()
            if self._snapshot_due:
                # It holds all that waits, and every page gets it.
                self._snapshot_due = False
                self._outbox.clear()
                return self._gatherer.snapshot(self._transcript.snapshot())
            return self._outbox.popleft() if self._outbox else None

    def _seal(self) -> None:
        """Makes numbered messages of all events, and brings the transcript up to them."""
        while self._queue:
            item = self._queue.popleft()
            if type(item) is TextDelta:
                item = self._with_more(item)
            ops = item if isinstance(item, list) else self._translator.translate(item)
            self._gatherer.run = self._translator.run_id
            self._gatherer.add(ops)
        while (message := self._gatherer.take()) is not None:
            for op in message.ops:
                self._transcript.apply(op)
            self._outbox.append(message)

    def _with_more(self, delta: TextDelta) -> TextDelta:
        """The delta with those behind it that go on with its text: they become one op anyway."""
        queue, index, texts = self._queue, delta.index, [delta.text]
        while queue and type(more := queue[0]) is TextDelta and more.index == index:
            texts.append(more.text)
            queue.popleft()
        return TextDelta("".join(texts), index)

    def _deliver(self, message: Outgoing) -> None:
        now = self._clock.now()
        if now - self._last > A_WHILE:
            self._began = now
        self._last = now
        pause = max(self._interval(), min(message.size / RATE, LONGEST_PAUSE))
        self._not_before = now + pause
        self._sent += 1
        self._tick_later(self._sent, TICKS)
        self._write(*message.encode())

    def _spared(self) -> float:
        """How much sooner than it should a message goes out."""
        if self._hurries:
            return self._interval()
        return self._interval() - FLOOD_INTERVAL if len(self._queue) >= FLOOD else 0.0

    def _interval(self) -> float:
        return LATER_INTERVAL if self._last - self._began > A_WHILE else INTERVAL

    def _tick_later(self, sent: int, delays: tuple[float, ...]) -> None:
        def tick() -> None:
            # A later message makes ticks of its own.
            if sent == self._sent and not self._closed:
                self._write(*self._gatherer.tick().encode())
                self._tick_later(sent, delays[1:])

        if delays:
            self._clock.call_later(delays[0], tick)

    def _tick_back(self) -> None:
        content, buffers = self._gatherer.tick().encode()
        content["heard"] = True
        self._write(content, buffers)

    def _write(self, content: Content, buffers: list[bytes]) -> None:
        try:
            self._send(content, buffers)
        except Exception:
            # Comms fail in as many ways as there are kernels (closed, socket gone, at exit). The
            # run goes on without a page; one that comes back asks for what it missed.
            if not self._failing:
                _log.warning("The widget could not be reached; the run goes on.", exc_info=True)
            self._failing = True
        else:
            self._failing = False
