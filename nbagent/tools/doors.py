"""The doors that a tool's output goes through, and the one that nobody answers at.

``write`` of the objects in `sys.stdout` and `sys.stderr` (so that logging handlers that hold these
objects are seen too), IPython's display publisher, and ``display`` where there is no IPython shell.
In a kernel ``input()`` and ``getpass()`` of a tool would wait for an answer that no page asks for:
they raise.
"""

from __future__ import annotations

import builtins
import functools
import getpass
import sys
from collections.abc import Callable
from typing import Any, Literal

from nbagent.tools.for_person import bundle_of, for_person, running_shell
from nbagent.tools.imports import when_imported
from nbagent.tools.output_widgets import watch_output_widgets
from nbagent.tools.outputs import ClearOutput, DisplayOutput, StreamOutput
from nbagent.tools.shown import owner

__all__ = ["watch_doors"]

MARK = "nbagent_watches"
ERASED = "\033[2K\r"  # what IPython prints to clear an output where there is no shell


def watch_doors() -> None:
    """Put the wrappers on that are missing."""
    _watch_stream("stdout", sys.stdout)
    _watch_stream("stderr", sys.stderr)
    shell = running_shell()
    _watch_publisher(getattr(shell, "display_pub", None))
    _watch_questions(getattr(shell, "kernel", None))
    when_imported("IPython.core.display_functions", _watch_plain_display)
    watch_output_widgets()


def _watch_stream(name: Literal["stdout", "stderr"], stream: Any) -> None:
    if stream is None or getattr(stream.write, MARK, False):
        return
    original: Callable[[str], Any] = stream.write

    @functools.wraps(original)
    def write(text: str, /) -> Any:
        shown = owner.get()
        if shown is not None and isinstance(text, str) and shown.take(StreamOutput(name, text)):
            return len(text)
        return original(text)

    setattr(write, MARK, True)
    stream.write = write
    _watch_flush(stream)


def _watch_flush(stream: Any) -> None:
    """A kernel's stream waits for its thread at each flush; of a tool there is nothing in it."""
    original = getattr(stream, "flush", None)
    if original is None:
        return

    @functools.wraps(original)
    def flush() -> Any:
        shown = owner.get()
        return None if shown is not None and shown.listener is not None else original()

    stream.flush = flush


def _watch_publisher(publisher: Any) -> None:
    if publisher is None or getattr(publisher.publish, MARK, False):
        return
    original_publish, original_clear = publisher.publish, publisher.clear_output

    @functools.wraps(original_publish)
    def publish(data: Any, metadata: Any = None, *rest: Any, **options: Any) -> Any:
        shown = owner.get()
        if shown is not None:
            name = (options.get("transient") or {}).get("display_id")
            bundle = bundle_of(data, metadata or {})
            if shown.take(DisplayOutput(bundle, name, bool(options.get("update")))):
                return None
        return original_publish(data, metadata, *rest, **options)

    @functools.wraps(original_clear)
    def clear_output(wait: bool = False, *rest: Any, **options: Any) -> Any:
        shown = owner.get()
        if shown is not None and shown.take(ClearOutput(bool(wait))):
            return None
        return original_clear(wait, *rest, **options)

    setattr(publish, MARK, True)
    publisher.publish, publisher.clear_output = publish, clear_output


def _watch_plain_display(module: Any) -> None:
    """Without a shell ``display`` prints its objects: that print is the door."""
    if hasattr(module, "print"):
        return

    def shown_or_printed(*objects: Any, **options: Any) -> None:
        shown = owner.get()
        if shown is None or shown.listener is None:
            print(*objects, **options)  # noqa: T201 - what IPython does
        elif objects == (ERASED,):
            shown.take(ClearOutput()) if "file" not in options else None
        else:
            for value in objects:
                shown.take(DisplayOutput(for_person(value)))

    module.print = shown_or_printed


def _watch_questions(kernel: Any) -> None:
    if kernel is None or not hasattr(kernel, "raw_input"):
        return
    # The kernel puts its own functions in for each cell, and the plain ones back after it.
    for place, name in (
        (kernel, "raw_input"),
        (kernel, "getpass"),
        (builtins, "input"),
        (getpass, "getpass"),
    ):
        original = getattr(place, name)
        if not hasattr(original, MARK):
            setattr(place, name, _refusing(original, "getpass" if name == "getpass" else "input"))


def _refusing(original: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def ask(*arguments: Any, **options: Any) -> Any:
        if owner.get() is not None:
            raise RuntimeError(
                f"{name}() cannot be used in a tool: nobody can answer there. Let the tool take a "
                "parameter, or ask for the value before the agent is asked."
            )
        return original(*arguments, **options)

    setattr(ask, MARK, True)
    return ask
