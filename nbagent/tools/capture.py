"""What a tool prints, displays and plots goes to its own listener, also when several run at once.

The owner of an output is found by a context variable. It follows the code through ``await`` and
into the threads that it starts. The doors that outputs go through are watched, each by a wrapper
that is put on once, when first needed, and that does nothing outside a tool: see `doors`,
`threads` and `pyplot`.

Not seen is what goes past Python's own streams: the output of child processes, ``os.write`` and
what C code prints.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from nbagent.tools.doors import watch_doors
from nbagent.tools.outputs import ToolListener
from nbagent.tools.pyplot import watch_pyplot
from nbagent.tools.shown import Shown, owner
from nbagent.tools.threads import watch_threads

__all__ = ["Shown", "capture"]


@contextlib.contextmanager
def capture(listener: ToolListener | None) -> Iterator[Shown]:
    """Route to the listener what the code inside prints, displays and plots.

    Without a listener everything goes where it would go anyway, and is only remembered.
    """
    watch_doors()
    watch_pyplot()
    watch_threads()
    shown = Shown(listener)
    token = owner.set(shown)
    try:
        yield shown
    finally:
        owner.reset(token)
