"""The same agent on other processes' workers: of a Dask cluster, of a pool.

What is sent twice because a worker was lost has one outcome here: the results are made and kept on
this side alone, one for each prompt.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import uuid
from collections.abc import Callable
from typing import Any

from nbagent.agent.engine import Engine
from nbagent.agent.output import Output
from nbagent.agent.reply import Reply
from nbagent.executor import Executor
from nbagent.scale.recipe import Recipe, packed_prompt, recipe_of
from nbagent.tools.remote import executor_of
from nbagent.tools.worker import call_packed, unpacked

__all__ = ["Cluster", "room_of"]

AT_ONCE = 8
# A worker that is lost takes along all that it was doing, so a prompt may be hit more than once
# without any fault of its own; one that kills each worker it gets is given up after these.
ATTEMPTS = 3
# What executors raise for a worker that is gone. (A broken pool of processes stays broken.)
LOST = ("KilledWorker", "TerminatedWorkerError", "CommClosedError")


class Cluster:
    """Asks prompts on workers.

    Args:
        engine: The agent as it is now.
        run_on: A Dask client or a `concurrent.futures.Executor`.
        make: Makes the executor of models, on the worker.
        output: What the answers are to be; by default as the agent has it.

    Raises:
        ConfigurationError: ``run_on`` is neither.
    """

    def __init__(
        self,
        engine: Engine,
        run_on: Any,
        make: Callable[[], Executor],
        output: Output | None,
    ) -> None:
        executor = executor_of(run_on)
        assert executor is not None  # executor_of gives None for None alone
        self._workers: concurrent.futures.Executor = executor
        self._engine = engine
        self._make = make
        self._output = output
        self._recipe: Recipe | None = None
        self._guard = asyncio.Lock()

    async def ask(self, prompt: Any) -> Reply:
        """The reply to one prompt, from whichever worker ends it.

        Raises:
            ConfigurationError: The agent cannot be sent.
            Exception: What the run raised, or why there is no result.
        """
        async with self._guard:
            if self._recipe is None:
                self._recipe = await recipe_of(self._engine, self._make, self._output)
        packed = packed_prompt(self._recipe, prompt)
        once = uuid.uuid4().hex
        for attempt in range(1, ATTEMPTS):
            try:
                return await self._sent(packed, f"{once}-{attempt}")
            except Exception as error:  # noqa: PERF203 - to go on after one is the point
                # By name: these are classes of pools that need not be installed.
                if type(error).__name__ not in LOST:
                    raise
        return await self._sent(packed, f"{once}-{ATTEMPTS}")

    async def _sent(self, packed: bytes, once: str) -> Reply:
        outcome = await asyncio.wrap_future(self._workers.submit(call_packed, packed, once))
        if outcome.error is not None:
            raise outcome.error
        reply: Reply = unpacked(outcome)
        return reply


def room_of(run_on: Any) -> int:
    """How many prompts the workers can be asked at once: the threads of a cluster, or 8."""
    threads = getattr(run_on, "nthreads", None)  # of a Dask client: by worker
    counted = threads() if callable(threads) else {}
    return sum(counted.values()) if isinstance(counted, dict) and counted else AT_ONCE
