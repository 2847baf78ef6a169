"""Many prompts at once: on this machine, or on a cluster."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from weakref import WeakSet

from nbagent.agent.checks import content_of
from nbagent.agent.output import Output, output_of
from nbagent.agent.reply import Reply
from nbagent.choice import executor_for
from nbagent.errors import ConfigurationError
from nbagent.executor import Executor
from nbagent.notebook.asking import Asking
from nbagent.scale.bars import teller
from nbagent.scale.cluster import Cluster, room_of
from nbagent.scale.items import MapProgress
from nbagent.scale.kept import Kept, fingerprint
from nbagent.scale.prompts import Prompts
from nbagent.scale.work import MapRun, MapSettings

__all__ = ["AtScale"]

AT_ONCE = 8


class AtScale(Asking):
    """The part of `Agent` that asks many things at once."""

    _own_executor: bool
    _maps: WeakSet[MapRun]

    @abstractmethod
    def fork(self) -> Asking:
        """Another agent with the same settings and a copy of the conversation."""

    def map(
        self,
        prompts: Prompts,
        concurrency: int | None = None,
        *,
        on_error: str = "keep",
        progress: bool | Callable[[MapProgress], None] = True,
        resume: str | os.PathLike[str] | None = None,
        key: Callable[[Any], Any] | None = None,
        output: Any = None,
        run_on: Any = None,
        executor: Callable[[], Executor] | None = None,
    ) -> MapRun:
        """Asks each prompt apart from the others, several at once::

            results = await agent.map(texts, output=Invoice, resume="invoices.jsonl")
            results.ok, results.errors, results.to_frame()

            async for item in agent.map(texts):    # as they finish
                print(item.index, item.outcome)

        Each goes on from the conversation as it is now, which itself stays as it is. `stop` ends
        it, as leaving does; what is finished by then is in the file, and in ``.results``.

        Args:
            prompts: A list, a generator or an async generator, taken no faster than asked. A
                prompt is what `ask` takes.
            concurrency: How many are asked at once; 8 by default, and on a cluster as many as it
                has threads. All share the executor's waiting for a provider's rate limits.
            on_error: ``"keep"`` puts a prompt's error in the place of its reply; ``"raise"`` ends
                the map with the first.
            progress: Whether to show a bar; or a function that is told each `MapProgress`.
            resume: A file. Each reply goes there as soon as it is finished, and prompts that have
                theirs there are not asked again; of those, words and output are read back.
            key: Names a prompt for ``resume``; by default the prompt with the agent's settings.
            output: What each answer is to be, see `Agent`; the value is ``reply.output``.
            run_on: A ``dask.distributed.Client``, or another `concurrent.futures.Executor`: its
                workers ask then. A prompt whose worker is lost is asked by another one. Settings
                and tools are sent there; keys are not: workers have their own in the environment.
            executor: With ``run_on``, a function that makes the executor on a worker.

        Raises:
            ConfigurationError: An argument does not make sense.
        """
        if on_error not in ("keep", "raise"):
            raise ConfigurationError(f"on_error is 'keep' or 'raise'; got {on_error!r}.")
        wanted = output_of(output)
        ask, room = self._asker(wanted, run_on, executor)
        made = MapRun(
            prompts,
            MapSettings(
                ask,
                _at_once(concurrency if concurrency is not None else room),
                on_error == "raise",
                teller(progress),
                None if resume is None else self._keeper(resume, key, wanted),
            ),
        )
        self._maps.add(made)
        return made

    def stop(self) -> None:
        """Stops the run that is going on, and every `map`; the history stays usable."""
        for going in tuple(self._maps):
            if going.running:
                going.stop()
        super().stop()

    def _asker(
        self, output: Output | None, run_on: Any, executor: Callable[[], Executor] | None
    ) -> tuple[Callable[[Any], Awaitable[Reply]], int]:
        """What answers one prompt, and how many of it may go on at once."""
        if run_on is None:
            if executor is not None:
                raise ConfigurationError("map(executor=…) goes with run_on=…; leave it out here.")
            base = self.fork()
            return lambda prompt: base.fork().ask(prompt, output=output), AT_ONCE  # type: ignore[attr-defined]  # a fork can be forked
        if executor is None and not self._own_executor:
            raise ConfigurationError(
                "This agent has an executor of its own, which stays in this process with its keys. "
                "For map(run_on=…) give a function that makes one on each worker: executor=…"
            )
        make = executor or partial(executor_for, self.model, None)
        return Cluster(self._engine, run_on, make, output).ask, room_of(run_on)

    def _keeper(
        self,
        path: str | os.PathLike[str],
        key: Callable[[Any], Any] | None,
        output: Output | None,
    ) -> Callable[[], Kept]:
        output = output or self._engine.runs.output
        settings = self._engine.settings
        schema = None if output is None or output.shape.schema is None else str(output.kind)
        asked_with = (
            *(str(settings.model), settings.instructions, settings.shown.text()),
            *(dict(settings.params), settings.tool_calling, settings.tools.names, schema),
            *(self.history,),
        )
        return partial(Kept, path, fingerprint(asked_with), _named(key), output)


def _named(key: Callable[[Any], Any] | None) -> Callable[[Any, Any], str]:
    """What names a prompt, by the settings and itself."""
    if key is not None:
        return lambda settings, prompt: str(key(prompt))
    return lambda settings, prompt: fingerprint(settings, content_of(prompt))


def _at_once(concurrency: Any) -> int:
    if not isinstance(concurrency, int) or isinstance(concurrency, bool) or concurrency < 1:
        raise ConfigurationError(f"concurrency is a whole number, at least 1; got {concurrency!r}.")
    return concurrency
