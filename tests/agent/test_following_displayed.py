"""Those who follow an agent that is displayed: its runs are on another thread."""

import asyncio
import threading
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from nbagent import Agent, Recording, RunFinished, TextDelta
from nbagent.otel import instrument
from nbagent.testing import reply_calls, reply_text
from nbagent.widget.commands import Ask

from .agents import scripted, until


def displayed(*replies: Any, **options: Any) -> Agent:
    """An agent that somebody sees."""
    agent, _ = scripted(*replies, **options)
    agent._repr_mimebundle_()
    return agent


async def test_hooks_hear_what_the_page_asked() -> None:
    """Plain functions on the I/O thread, async ones on the notebook's loop."""
    agent = displayed(reply_text("one two", pieces=2))
    threads: set[str] = set()
    words: list[str] = []
    here = threading.get_ident()

    async def hear(frame: TextDelta) -> None:
        assert threading.get_ident() == here
        words.append(frame.text)

    ended: list[Any] = []
    agent.on("run_finished", ended.append)
    agent.on("text_delta", lambda frame: threads.add(threading.current_thread().name))
    hook = agent.on("text_delta", hear)
    agent._obey(Ask("Go."))
    await until(lambda: ended)
    await hook.settled()
    assert "".join(words) == "one two" and threads == {"nbagent-io"}
    agent.widget.close()


async def test_spans_cross_the_threads(tmp_path: Path) -> None:
    """The run is on the I/O thread, the tool on the main one, and what it traces is inside."""
    exporter, tracers = InMemorySpanExporter(), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(exporter))

    def work() -> str:
        """Traces."""
        tracers.get_tracer("mine").start_span("own").end()
        return threading.current_thread().name

    async def work_too() -> str:
        """Traces."""
        await asyncio.sleep(0)
        tracers.get_tracer("mine").start_span("own too").end()
        return threading.current_thread().name

    calls = reply_calls(("work", {}), ("work_too", {}))
    agent = displayed(calls, "Done.", tools=[work, work_too])
    instrument(agent, tracer_provider=tracers)
    with agent.record(tmp_path / "run.jsonl"):
        reply = await agent.ask("Go.")
    assert [call.result for call in reply.calls] == ["MainThread", "MainThread"]
    spans = {span.name: span for span in exporter.get_finished_spans()}
    for inner, outer in (("own", "execute_tool work"), ("own too", "execute_tool work_too")):
        around, context = spans[inner].parent, spans[outer].get_span_context()
        assert around is not None and context is not None and around.span_id == context.span_id
    last = Recording.load(tmp_path / "run.jsonl").items[-1].item
    assert isinstance(last, RunFinished) and last.reply.text == "Done."
    agent.widget.close()
