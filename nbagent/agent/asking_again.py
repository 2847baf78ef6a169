"""What was asked or called before, once more: each in place of what came of it, which is kept."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from functools import partial
from typing import Any

from nbagent.agent.call_again import found
from nbagent.agent.kept import Kept
from nbagent.agent.launch import Launch
from nbagent.agent.reply import Reply
from nbagent.agent.run import Again
from nbagent.errors import AgentBusy, UnknownTool
from nbagent.messages import FilePart, ImagePart, Part

__all__ = ["AskingAgain"]


class AskingAgain(Kept):
    """The part of an engine that does again what was done."""

    _launched: set[Launch]

    @abstractmethod
    def start(self, *args: Any, **kwargs: Any) -> Any:
        """Starts a run."""

    @abstractmethod
    async def ask(self, *args: Any, **kwargs: Any) -> Reply:
        """Asks and waits for the reply."""

    def retry(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Asks the last question again, in place of it; not while a run goes on or waits.

        Returns:
            Whether it was asked.
        """
        return self.ask_again(self.last_run, None, loop)

    def ask_again(self, run_id: str, text: str | None, loop: asyncio.AbstractEventLoop) -> bool:
        """Asks a run's question in place of it and of all that followed, in other words if given.

        Returns:
            Whether it was asked: not while a run goes on or waits.
        """
        try:
            asked = () if self._launched else self.take_back(run_id, same=text is None)
        except AgentBusy:
            return False
        if not asked:
            return False
        if text is not None:
            asked = (text, *(part for part in asked if isinstance(part, (ImagePart, FilePart))))
        self.start(asked, loop=loop)
        return True

    async def start_call_again(self, tool_call_id: str, loop: asyncio.AbstractEventLoop) -> None:
        """Makes a call again, in place of what came of it, and goes on from there.

        Raises:
            AgentBusy: A run is going on or waits.
            ConfigurationError: The conversation has no such call.
            UnknownTool: The agent has no such tool any more.
            NbagentError: Its tools could not be looked up.
        """
        content, again = await self._again(tool_call_id)
        self.start(content, loop=loop, wait=False, again=again)

    async def call_again(self, tool_call_id: str, loop: asyncio.AbstractEventLoop | None) -> Reply:
        """The same, and waits for the answer.

        Raises:
            asyncio.CancelledError: The run was stopped.
            NbagentError: As above, or the run failed; see `nbagent.errors`.
        """
        content, again = await self._again(tool_call_id)
        return await self.ask(*content, loop=loop, wait=False, again=again)

    async def _again(self, tool_call_id: str) -> tuple[tuple[Part, ...], Again]:
        """The question in whose answer a call is, and how that is gone on with."""
        self._check_idle()
        messages = self._history.messages
        question = messages[self.question_of(tool_call_id)]
        _, call = found(messages, tool_call_id)
        tools = await self.settings.tools.resolve()
        if call.name not in tools:
            known = ", ".join(sorted(tools)) or "none"
            raise UnknownTool(
                f"The call cannot be made again: the agent has no tool {call.name!r} any more. "
                f"The tools are: {known}."
            )
        self._check_idle()  # looking at the tools of a server takes its time
        return question.parts, Again(partial(self.begin_again, tool_call_id), self.show_again)

    def _check_idle(self) -> None:
        if self._launched or self._turn.taken:
            raise AgentBusy(
                "A run is going on. Wait for it, or stop it with agent.stop(), before a call is "
                "made again."
            )
