"""The widget itself: the bundle, a snapshot for pages that come late, and commands handed on.

There is no agent logic here. A message handler only checks and hands over: depending on the
version of ipykernel it runs on the main thread after the cell, on it while the cell awaits, or on
another thread with another loop. No trait is ever set after construction, because traits are not
thread-safe; all that moves goes through `Sender`.

Sending from another thread, as read and tried in ipykernel 6.31, 7.3 and 7.4: ``comm.send`` packs
and signs where it is called (the signature starts from a copy of the key) and hands the bytes to
the IOPub thread over a pipe that each thread has for itself. So it is safe, and a blocked main
thread does not hold it back.
"""

from __future__ import annotations

import contextvars
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from nbagent.agent.events import (
    HistoryCut,
    HistoryReset,
    NestedItem,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StreamItem,
)
from nbagent.agent.shown import Chip
from nbagent.errors import ConfigurationError
from nbagent.frames import ReasoningDelta, TextDelta, ToolCallDelta
from nbagent.tools.for_person import running_shell
from nbagent.widget.assets import packed
from nbagent.widget.clock import Clock, shared_clock
from nbagent.widget.commands import Asset, Command, CommandError, Resync, Upload, parse
from nbagent.widget.incoming import Incoming, ReceivedFile
from nbagent.widget.lasting import Lasting, beside_a_cell
from nbagent.widget.sender import Sender
from nbagent.widget.values import repair
from nbagent.widget.views import AboutView, ChipView, OffersView, TranscriptView
from nbagent.widget.wire import VERSION, AnswerMessage, AssetMessage, Op, WireMessage

__all__ = ["AgentWidget"]

_log = logging.getLogger("nbagent")

# Nearly all that is put, and nothing but shown.
_DELTAS = (TextDelta, ReasoningDelta, ToolCallDelta)
# After these the agent may have used more, or have other tools.
_COUNTED = (
    RunStarted,
    StepFinished,
    RunFinished,
    RunFailed,
    RunCancelled,
    HistoryCut,
    HistoryReset,
)
# After these nothing more comes by itself.
_SETTLED = (RunFinished, RunFailed, RunCancelled, HistoryCut, HistoryReset)
# anywidget sends the bundle's text with every instance, so it has to be a file that can be read.
STATIC = Path(__file__).parent / "static"


def _snapshot_now(value: object, widget: AgentWidget) -> dict[str, Any]:
    """The trait's value whenever the kernel is asked for it: nothing is kept in the trait."""
    seq, transcript = widget.snapshot_now()
    return {"v": VERSION, "seq": seq, "transcript": transcript}


class AgentWidget(anywidget.AnyWidget):
    """Shows a run and takes a person's commands.

    Args:
        on_command: Called with each valid command but `Resync` and `Asset`, which are answered
            here. It may be called on any thread and must return at once.
        model: The model's label to show before the first run.
        clock: Where the sender's time comes from; by default a thread shared by all widgets.
        about: Says what the agent has and used; asked again after each step.
        offers: Says what a person can do besides writing; asked again with ``about``.
        static: The folder of the built page; by default the one of this installation.
        forms: Gives the transcript in the forms that need no page, by MIME type; its second
            argument is the key by which the page finds them.

    Attributes:
        closed: Whether it was closed: it shows nothing any more, and cannot be displayed.

    Raises:
        ConfigurationError: The JavaScript bundle has not been built.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    # By this the page finds the static output that stands beside a live view, and hides it.
    key = traitlets.Unicode(read_only=True).tag(sync=True)
    snapshot = traitlets.Dict(read_only=True).tag(
        sync=True, to_json=_snapshot_now, from_json=lambda value, widget: {}, echo_update=False
    )

    def __init__(
        self,
        on_command: Callable[[Command], None],
        *,
        model: str = "",
        clock: Clock | None = None,
        about: Callable[[], AboutView] | None = None,
        offers: Callable[[], OffersView] | None = None,
        static: Path | None = None,
        forms: Callable[[TranscriptView, str], Mapping[str, str]] | None = None,
    ) -> None:
        # First of all: the comm opens with a snapshot, and a failed start is closed again.
        self.closed = False
        self._sender = Sender(self._send_message, model=model, clock=clock)
        self._on_command = on_command
        self._about = about
        self._told: AboutView | None = None
        self._offers = offers
        self._offered: OffersView | None = None
        self._incoming = Incoming()
        self._chips: list[ChipView] = []
        # ipykernel 7.4 sends the page's messages to the subshell whose message was the parent of
        # our last one. A thread without a context is given the latest parent, which may be of a
        # page that has since been closed together with its subshell: what the next page says is
        # then lost. In the context of the cell that made the widget the parent stays that cell.
        self._context = contextvars.copy_context()
        static = static if static is not None else STATIC
        self._forms = forms
        self._lasting = Lasting(self._forms_now, clock or shared_clock())
        self.set_trait("key", self._lasting.key)
        super().__init__(_esm=_built(static / "widget.js"), _css=_built(static / "widget.css"))
        self.on_msg(self._receive)
        self.tell()

    def put(self, event: StreamItem) -> None:
        """Shows an event or frame; from any thread, and cheap."""
        self._sender.put(event)
        if type(event) in _DELTAS:
            return
        going = not isinstance(event, _SETTLED)
        while isinstance(event, NestedItem):
            event = event.item  # what a run inside of a call uses counts as well
        if isinstance(event, _COUNTED):
            self.tell()
            self._lasting.change(going=going)

    def put_ops(self, ops: list[Op]) -> None:
        """Shows what no event tells; from any thread, and cheap."""
        self._sender.put_ops(ops)

    def show_chips(self, chips: Iterable[Chip]) -> None:
        """Shows which variables the agent sees; from any thread."""
        views: list[ChipView] = [
            {"name": repair(chip.name), "summary": repair(chip.summary)} for chip in chips
        ]
        if views != self._chips:
            self._chips = views
            self._sender.put_ops([{"op": "shown", "chips": views}])

    def show_model(self, model: str) -> None:
        """Shows which model will be asked, before it is; from any thread."""
        self._sender.put_model(model)
        self.tell()

    def take_files(self, files: Iterable[str]) -> list[ReceivedFile]:
        """What the page sent under these ids, which are then forgotten; from any thread.

        Raises:
            ConfigurationError: One of them did not arrive whole.
        """
        return self._incoming.take(files)

    def answer(self, identity: str, *, ok: bool, text: str, asked: bool = False) -> None:
        """Tells the page how a command went that it wants to know of; from any thread.

        Args:
            identity: The command's ``id``; without one nobody waits.
            ok: Whether it was done.
            text: What was done, or what is wrong; may be empty.
            asked: Whether a question is on its way.
        """
        if identity:
            content: AnswerMessage = {
                "v": VERSION,
                "answer": identity,
                "ok": ok,
                "text": repair(text),
                "asked": asked,
            }
            self._sender.post(content, [])

    def tell(self) -> None:
        """Tells the page what the agent has, used and offers, where that changed."""
        about = self._about() if self._about is not None else None
        if about is not None and about != self._told:
            self._told = about
            self._sender.put_ops([{"op": "about", **about}])
        offers = self._offers() if self._offers is not None else None
        if offers is not None and offers != self._offered:
            self._offered = offers
            self._sender.put_ops([{"op": "offers", **offers}])

    def run_of(self, message: str) -> str:
        """The run that began with this message of the person; empty where there is none."""
        return self._sender.run_of(message)

    def snapshot_now(self) -> tuple[int, TranscriptView]:
        """The number of the last message and the whole transcript as it is now."""
        return self._sender.snapshot()

    def printed(self, tool_call_id: str) -> str:
        """All that a call printed; of very much a page keeps the end only."""
        return self._sender.printed(tool_call_id)

    def close(self) -> None:
        """Takes all views away and stops sending; a run that is going goes on."""
        self.closed = True
        self._sender.close()
        self._lasting.end()
        super().close()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The live view, and static forms for where a notebook is read without a kernel.

        In a cell the forms are an output of their own, which follows the widget.
        """
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        if not beside_a_cell():
            return {**data, **self._forms_now()}, metadata
        self._lasting.show(running_shell())
        # The other output says it all.
        return {**data, "text/plain": ""}, metadata

    def _forms_now(self) -> Mapping[str, str]:
        _, transcript = self.snapshot_now()
        if self._forms is None:
            return {"text/plain": f"Agent ({transcript['model']})"}
        return self._forms(transcript, self._lasting.key)

    def _send_message(
        self, content: WireMessage | AssetMessage | AnswerMessage, buffers: list[bytes]
    ) -> None:
        self._context.run(self.send, content, buffers)

    def _receive(self, widget: object, content: object, buffers: Any) -> None:
        try:
            command = parse(content)
            if isinstance(command, Upload):
                self._incoming.put(command, buffers or ())
                return
        except CommandError as error:
            _log.warning("The page sent what is not a command (%s); it was ignored.", error)
            return
        if isinstance(command, Resync):
            self._sender.resync(command.seq)
        elif isinstance(command, Asset):
            # Packing takes a third of a second: neither the kernel nor a stream waits for it.
            threading.Thread(target=self._send_asset, args=(command.name,), daemon=True).start()
        else:
            self._on_command(command)

    def _send_asset(self, name: str) -> None:
        # A page that came after it was displayed asks for what its cell keeps of this widget.
        data = self._lasting.packed() if name.startswith("saved/") else packed(name)
        content: AssetMessage = {"v": VERSION, "asset": name, "ok": data is not None}
        self._sender.post(content, [data] if data is not None else [])


def _built(file: Path) -> str:
    """The text of a file of the built page.

    Raises:
        ConfigurationError: It is not there.
    """
    if not file.is_file():
        raise ConfigurationError(
            f"The widget's bundle ({file.name}) is not in this installation of nbagent: it is "
            "built when the package is. Run `pip install .` in the clone, or `python js/build.py`, "
            "and make the agent again."
        )
    return file.read_text(encoding="utf-8")
