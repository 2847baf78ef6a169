"""A conversation on a plain terminal: for scripts, and where there is no notebook::

import nbagent.terminal
nbagent.terminal.chat(agent)
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from nbagent.agent.events import (
    ApprovalRequested,
    Notice,
    QuestionAsked,
    RunCancelled,
    RunFailed,
    RunFinished,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolStarted,
)
from nbagent.agent.terminal import answer_on_terminal, on_terminal, one_line
from nbagent.errors import ToolArgumentsError
from nbagent.frames import TextComplete, TextDelta
from nbagent.notebook import Agent
from nbagent.tools.interrupts import interruptible
from nbagent.tools.outputs import StreamOutput

__all__ = ["chat"]

SHOWN = 200  # characters of a call's arguments


def chat(agent: Agent, *, prompt: str = "> ") -> None:
    """Asks for questions on the terminal and prints the answers as they come.

    An empty line does nothing; ``exit``, ``quit`` or the end of the input (Ctrl-D) ends it.
    Ctrl-C stops an answer, and ends the conversation where none is going on.

    Args:
        agent: The agent. Its conversation goes on, and can be looked at afterwards.
        prompt: What stands before a question.

    Raises:
        RuntimeError: An event loop runs on this thread, as in a notebook.
    """
    asyncio.run(_chat(agent, prompt))


async def _chat(agent: Agent, prompt: str) -> None:
    try:
        while True:
            try:
                # Under the handlers of asyncio alone the reading of a line would go on.
                with interruptible():
                    question = one_line(prompt).strip()
            except (EOFError, KeyboardInterrupt):
                _say("\n")
                return
            if question in ("exit", "quit"):
                return
            if question:
                await _answered(agent, question)
    finally:
        # What it holds is bound to this loop, which ends here; the agent connects anew.
        await agent.aclose()


async def _answered(agent: Agent, question: str) -> None:
    items = agent.stream(question)
    with _interrupts(agent.stop):
        async with aclosing(items):
            async for item in items:
                _show(item)
                try:
                    with interruptible():
                        _reply(agent, item)
                except KeyboardInterrupt:
                    agent.stop()
    _say("\n")


def _reply(agent: Agent, item: StreamItem) -> None:
    """Answers what the agent waits for."""
    if isinstance(item, ApprovalRequested):
        given = on_terminal(item)
        if not given.approved:
            agent.deny(item.tool_call_id, given.reason)
            return
        try:
            agent.approve(item.tool_call_id, always=given.always)
        except ToolArgumentsError as error:
            agent.deny(item.tool_call_id, str(error))
    elif isinstance(item, QuestionAsked):
        agent.answer(item.tool_call_id, answer_on_terminal(item))


def _show(item: Any) -> None:
    if isinstance(item, TextDelta):
        _say(item.text)
    elif isinstance(item, TextComplete):
        _say("\n")
    elif isinstance(item, ToolStarted):
        _say(f"[{item.name} {item.arguments[:SHOWN]}]\n")
    elif isinstance(item, ToolOutput) and isinstance(item.output, StreamOutput):
        _say(item.output.text)
    elif isinstance(item, ToolFinished):
        error = f": {item.result.error}" if item.result.error is not None else ""
        _say(f"[{item.name}: {item.state} after {item.elapsed:.1f} s{error}]\n")
    elif isinstance(item, Notice):
        _say(f"[{item.text}]\n")
    elif isinstance(item, RunFailed):
        _say(f"[{type(item.error).__name__}: {item.error}]\n")
    elif isinstance(item, RunCancelled):
        _say("[stopped]\n")
    elif isinstance(item, RunFinished) and item.reply.output is not None:
        _say(f"{item.reply.output!r}\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@contextmanager
def _interrupts(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C stops the answer; where signals cannot be had, it ends the conversation."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGINT, stop)
    except (NotImplementedError, ValueError, RuntimeError):
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
