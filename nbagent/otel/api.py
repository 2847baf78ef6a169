"""The only importer of OpenTelemetry, which comes with the extra ``otel``."""

from nbagent.errors import ConfigurationError

try:
    from opentelemetry import context, metrics, trace
    from opentelemetry.context import Context
    from opentelemetry.metrics import Histogram, MeterProvider
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider
except ImportError as error:
    raise ConfigurationError(
        "OpenTelemetry is not installed. Run: pip install 'nbagent[otel]', and an SDK with an "
        "exporter, such as opentelemetry-sdk and opentelemetry-exporter-otlp."
    ) from error

__all__ = [
    "Context",
    "Histogram",
    "MeterProvider",
    "Span",
    "SpanKind",
    "Status",
    "StatusCode",
    "Tracer",
    "TracerProvider",
    "context",
    "metrics",
    "trace",
]
