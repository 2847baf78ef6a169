"""An SDK with in-memory exporters, and what came of a run in it."""

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from nbagent import (
    Agent,
)
from nbagent.otel import instrument


class Telemetry:
    """An SDK of its own, and what came of it."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])

    def on(self, agent: Agent | None = None, **options: Any) -> Any:
        """Instruments the agent, or all."""
        providers = {"tracer_provider": self.tracers, "meter_provider": self.meters}
        return instrument(agent, **providers, **options)

    @property
    def spans(self) -> dict[str, list[ReadableSpan]]:
        """The spans that ended, by name, in the order of their start."""
        made: dict[str, list[ReadableSpan]] = {}
        ended = self.exporter.get_finished_spans()
        for span in sorted(ended, key=lambda span: span.start_time or 0):
            made.setdefault(span.name, []).append(span)
        return made

    @property
    def metrics(self) -> dict[str, list[Any]]:
        """The points of each metric."""
        data = self.reader.get_metrics_data()
        return {
            metric.name: list(metric.data.data_points)
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def parent(span: ReadableSpan) -> int | None:
    """The id of the span around."""
    return span.parent.span_id if span.parent else None


def own(span: ReadableSpan) -> int:
    """The id of the span."""
    context = span.get_span_context()
    assert context is not None
    return context.span_id
