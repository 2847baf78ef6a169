"""Calls on an executor whose workers are other processes: a process pool, a Dask cluster.

Function, arguments and value travel; so does what the function showed, when it ends. Cancelling
(a stop, a timeout) cancels the executor's future: what has not begun never does, what runs goes on
where it is and nobody reads its result.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import pickle
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nbagent.errors import ConfigurationError
from nbagent.tools.capture import capture
from nbagent.tools.failures import ToolRaised
from nbagent.tools.for_model import cut, exception_text
from nbagent.tools.outputs import DisplayOutput, MimeBundle, ToolResult
from nbagent.tools.place import OwnThread, Place
from nbagent.tools.running import Running, failed
from nbagent.tools.tracebacks import cut_traceback
from nbagent.tools.worker import CannotTravel, Outcome, call, call_packed, pack, unpacked

__all__ = ["RemoteRunning", "executor_of", "shares_memory"]

# Names of what executors raise for a worker that is gone, by their own packages' names.
LOST = ("BrokenProcessPool", "BrokenExecutor", "TerminatedWorkerError", "KilledWorker")
UNREACHED = ("CommClosedError", "CancelledError", "FutureCancelledError", "ShutdownExecutorError")


def executor_of(run_on: Any) -> concurrent.futures.Executor | None:
    """The executor that ``run_on=`` names; of a Dask client it is the client's own.

    Raises:
        ConfigurationError: It is none.
    """
    if run_on is None or isinstance(run_on, concurrent.futures.Executor):
        return run_on
    if callable(getattr(run_on, "get_executor", None)):
        made = run_on.get_executor(pure=False)
        if isinstance(made, concurrent.futures.Executor):
            return made
    raise ConfigurationError(
        "run_on is a concurrent.futures.Executor, such as a ProcessPoolExecutor, or a "
        f"dask.distributed Client; got {type(run_on).__name__}."
    )


def shares_memory(executor: concurrent.futures.Executor) -> bool:
    """Whether its workers are threads of this interpreter, where nothing has to be sent."""
    threads = isinstance(executor, concurrent.futures.ThreadPoolExecutor)
    return threads and not _of_interpreters(executor)


def _of_interpreters(executor: concurrent.futures.Executor) -> bool:
    kind = getattr(concurrent.futures, "InterpreterPoolExecutor", None)  # from Python 3.14 on
    return kind is not None and isinstance(executor, kind)


def _packs(executor: concurrent.futures.Executor) -> bool:
    """Whether we pickle for it. A process of a pool dies of what it cannot read, and the pool with
    it; a Dask client asks again and again for a value that cannot be sent."""
    processes = isinstance(executor, concurrent.futures.ProcessPoolExecutor)
    of_dask = type(executor).__module__.partition(".")[0] == "distributed"
    return processes or of_dask or _of_interpreters(executor)


@dataclass(frozen=True, slots=True)
class RemoteRunning(Running):
    """A call that runs in another process.

    ``stand_in`` is sent where the function cannot be: under a decorated function's name stands its
    tool.
    """

    executor: concurrent.futures.Executor | None = None
    stand_in: Callable[..., Any] | None = None

    async def _run(
        self, place: Place, started: Callable[[], None], seconds: float | None
    ) -> ToolResult:
        assert self.executor is not None  # a default only because the base class has defaults
        started()
        self.context.progress(None, f"on {type(self.executor).__name__}")
        try:
            future = self._submitted(self.executor)
        except Exception as error:  # a pool that is broken or closed, what cannot be sent
            return self._not_reached(error)
        arrived = asyncio.wrap_future(future)
        try:
            await asyncio.wait({arrived})
        except asyncio.CancelledError:
            arrived.cancel()  # and with it the executor's future
            raise
        lost = concurrent.futures.CancelledError() if arrived.cancelled() else arrived.exception()
        if lost is not None:
            return self._not_reached(lost)
        outcome = arrived.result()
        return await OwnThread().run(lambda: self._received(outcome), _already_started)

    def _submitted(self, executor: concurrent.futures.Executor) -> concurrent.futures.Future[Any]:
        args, kwargs = self.bound.args, self.bound.kwargs
        once = uuid.uuid4().hex
        if _packs(executor):
            return executor.submit(call_packed, self._packed(args, kwargs), once)
        return executor.submit(call, self.function, args, kwargs, once)

    def _packed(self, args: list[Any], kwargs: dict[str, Any]) -> bytes:
        try:
            return pack(self.function, args, kwargs)
        except CannotTravel:
            if self.stand_in is None:
                raise
            return pack(self.stand_in, args, kwargs)

    def _received(self, outcome: Outcome) -> ToolResult:
        """Both sides of the result, made here: the value is home."""
        with capture(self.context.listener) as shown:
            words = MimeBundle({"text/plain": f"Ran on {outcome.where}."})
            if self.context.listener is not None:
                self.context.listener.output(DisplayOutput(words))
            shown.replay(outcome.outputs)
            shown.drawn += outcome.drawn
            if isinstance(outcome.error, CannotTravel):
                return self._not_reached(outcome.error)
            if outcome.error is not None:
                return _with_far_traceback(self._raised(outcome.error, shown), outcome)
            try:
                return self._succeeded(unpacked(outcome), shown)
            except CannotTravel as error:
                return self._not_reached(error)
            except Exception as error:  # of the value's own repr
                return self._raised(error, shown)

    def _not_reached(self, error: BaseException) -> ToolResult:
        text = f"{self.name} did not give a result: {_reason(error)}."
        failure = ToolRaised(text, traceback=text)
        failure.__cause__ = error
        return failed(failure, cut(text, self.limit))


def _reason(error: BaseException) -> str:
    """What went wrong between here and a worker, and what can be done."""
    if isinstance(error, CannotTravel):
        return str(error)
    kind, said = type(error).__name__, exception_text(error)
    if kind in LOST or isinstance(error, concurrent.futures.BrokenExecutor):
        return (
            f"the worker process that ran it was lost ({said}); it was killed or crashed, perhaps "
            "for want of memory. It may have done a part of its work. Try with less data, or say "
            "that the workers have to be started anew"
        )
    if kind in UNREACHED:
        return f"the call was cancelled, or the connection to its worker was lost ({said})"
    if isinstance(error, pickle.PicklingError) or any(
        word in said.lower() for word in ("pickle", "serializ", "deserializ")
    ):
        return f"what it needs or gives cannot be sent between processes ({said})"
    if isinstance(error, ModuleNotFoundError):
        return f"a module is missing on the workers ({said}); nbagent has to be there too"
    return f"{said} (the call did not come back from its worker process)"


def _with_far_traceback(result: ToolResult, outcome: Outcome) -> ToolResult:
    error: Any = result.error
    error.parts, error.traceback = outcome.traceback, cut_traceback(outcome.traceback)
    return replace(result, bundle=MimeBundle({"text/plain": error.traceback}))


def _already_started() -> None:
    """The start was reported when the call was sent."""
