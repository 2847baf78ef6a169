"""The tools of an agent, which can be changed, and letting go of what they hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from typing_extensions import Self

from nbagent.agent.checks import toolset_of
from nbagent.agent.io_thread import io_loop
from nbagent.notebook.view import View
from nbagent.tools import Toolset

__all__ = ["Tooling"]


class Tooling(View):
    """The part of `Agent` that has tools, servers of tools, and connections."""

    _own_executor: bool

    @property
    def tools(self) -> Toolset:
        """The tools that the model may call, to be read and changed like a list.

        A change counts from the next request to the model on, also during a run.
        """
        return self._engine.settings.tools

    @tools.setter
    def tools(self, tools: Iterable[Any]) -> None:
        self._engine.settings.tools = toolset_of(tools)

    async def aclose(self) -> None:
        """Stops what is going on and closes connections and the servers among the tools.

        Clients of an executor that was given stay open. The agent can be asked again: what it
        needs is then connected anew.
        """
        self._engine.stop()
        await self._engine.ended()
        await self.tools.aclose()
        if self._own_executor:
            executor = self._engine.settings.executor
            await executor.aclose()
            # Connections belong to a loop; a displayed agent has them on another thread's.
            far = asyncio.run_coroutine_threadsafe(executor.aclose(), io_loop())
            await asyncio.wrap_future(far)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
