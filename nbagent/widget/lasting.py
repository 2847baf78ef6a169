"""What a cell keeps of a widget: its transcript without a page, and how it follows the widget.

A displayed widget is two outputs. The first has the static forms under a display id, so that it
can be replaced; the page hides it while a live view is there. The second is the live view, which is
never sent again: a notebook would draw it anew and take the focus from whoever types in it.
It is replaced when a cell in which something changed ends, so that whoever runs a notebook and
saves it at once has all of it. For what the page asks it is replaced once the talk rests: each
replacement is the whole of it, and makes the page look through the notebook's headings anew.
"""

from __future__ import annotations

import contextvars
import gzip
import itertools
import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from nbagent.tools.for_person import running_shell
from nbagent.tools.shown import owner
from nbagent.widget.clock import Clock

__all__ = ["Lasting", "beside_a_cell"]

_log = logging.getLogger("nbagent")

# Seconds without a run after which the output is replaced. Who saves in JupyterLab before that gets
# it too: the page asks for it.
PAUSE = 3.0
# Seconds that something new may be missing while one run follows the other, or one takes long.
LONGEST = 15.0
# What replacing costs, times this, is the least time to the next: it never takes more than a
# small part of a processor.
_REST = 10.0


class Lasting:
    """The static form of a displayed widget.

    Args:
        forms: Gives the static forms by MIME type, as they are now.
        clock: Says when a change is due.

    Attributes:
        key: The display id; the page finds the static output of a live view by it.
    """

    def __init__(self, forms: Callable[[], Mapping[str, Any]], clock: Clock) -> None:
        self._forms = forms
        self._clock = clock
        self.key = f"nbagent-{uuid.uuid4().hex[:12]}"
        self._shell: Any = None
        self._context: contextvars.Context | None = None
        # Held while the output is made; who says that there is something new never waits for it.
        self._lock = threading.Lock()
        self._changed = False
        self._since: float | None = None
        self._turns = itertools.count(1)
        self._turn = 0
        self._not_before = 0.0

    def show(self, shell: Any) -> None:
        """Displays the forms here, in the cell that runs.

        Args:
            shell: IPython's, of a kernel.
        """
        if self._shell is None:
            shell.events.register("post_run_cell", self._after_cell)
        self._shell = shell
        # As with the widget's own messages: whoever closes the page must not take them along.
        self._context = contextvars.copy_context()
        with self._lock:
            self._changed = False
            self._publish(update=False)

    def change(self, *, going: bool = False) -> None:
        """There is something new; from any thread, and cheap.

        Args:
            going: Whether more will come by itself: a run goes on.
        """
        self._changed = True
        if self._shell is None:
            return
        now = self._clock.now()
        since = self._since
        if since is None:
            since = self._since = now
        due = max(since + LONGEST if going else now + PAUSE, self._not_before)
        # Only the last one counts: what was due before is put off, or comes sooner.
        turn = self._turn = next(self._turns)
        self._clock.call_later(max(0.0, due - now), lambda: self._start(turn))

    def packed(self) -> bytes:
        """The forms as they are now, as gzipped JSON."""
        return gzip.compress(json.dumps(dict(self._forms())).encode(), 6)

    def end(self) -> None:
        """The newest is put there, and stays as it is from now on."""
        if self._shell is not None:
            self._later()
            self._shell.events.unregister("post_run_cell", self._after_cell)
            self._shell = None

    def _after_cell(self, *_: Any) -> None:
        """Here the context is the cell's, which whoever runs it listens to."""
        self._replace(_here)

    def _start(self, turn: int) -> None:
        if turn != self._turn:
            return
        # The clock is shared: a long conversation must not hold up what others send.
        threading.Thread(target=self._later, name="nbagent-saving", daemon=True).start()

    def _later(self) -> None:
        context = self._context
        self._replace(context.copy().run if context is not None else _here)

    def _replace(self, run: Callable[..., Any]) -> None:
        with self._lock:
            if not self._changed or self._shell is None:
                return
            self._changed = False
            self._since = None
            began = self._clock.now()
            try:
                run(self._publish, update=True)
            except Exception:
                # As with the widget's messages: kernels end in many ways, and a run goes on.
                _log.warning("The cell's saved transcript could not be replaced.", exc_info=True)
            now = self._clock.now()
            self._not_before = now + (now - began) * _REST

    def _publish(self, *, update: bool) -> None:
        self._shell.display_pub.publish(
            dict(self._forms()), {}, transient={"display_id": self.key}, update=update
        )


def beside_a_cell() -> bool:
    """Whether what is displayed now is an output of a cell of its own.

    In a terminal there is no page; what a tool displays goes into its card.
    """
    return getattr(running_shell(), "kernel", None) is not None and owner.get() is None


def _here(call: Callable[..., Any], **options: Any) -> None:
    call(**options)
