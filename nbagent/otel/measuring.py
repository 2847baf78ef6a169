"""The metrics: how long, how many tokens, how soon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbagent.messages import Usage
from nbagent.otel.api import Histogram, MeterProvider, metrics

__all__ = ["Metrics", "kept"]

SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
KEPT = (
    *("gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model"),
    *("gen_ai.response.model", "gen_ai.agent.name", "gen_ai.tool.name", "error.type"),
    *("server.address", "server.port"),
)


class Metrics:
    """The instruments of the conventions.

    Args:
        provider: Makes them; None for the one that the process has set up.
        version: Ours.
    """

    def __init__(self, provider: MeterProvider | None, version: str) -> None:
        meter = metrics.get_meter("nbagent", version, meter_provider=provider)

        def seconds(name: str, text: str) -> Histogram:
            return meter.create_histogram(
                name, unit="s", description=text, explicit_bucket_boundaries_advisory=SECONDS
            )

        self._durations = {
            "chat": seconds("gen_ai.client.operation.duration", "GenAI operation duration."),
            "invoke_agent": seconds("gen_ai.invoke_agent.duration", "Duration of an agent's run."),
            "execute_tool": seconds("gen_ai.execute_tool.duration", "Duration of a tool's call."),
        }
        self._first = seconds(
            "gen_ai.client.operation.time_to_first_chunk", "Time to receive the first chunk."
        )
        self._between = seconds(
            "gen_ai.client.operation.time_per_output_chunk", "Time between two chunks."
        )
        self._tokens = meter.create_histogram(
            "gen_ai.client.token.usage",
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=TOKENS,
        )

    def lasted(self, seconds: float, attributes: Mapping[str, Any]) -> None:
        """An operation is over; its attributes say which."""
        self._durations[attributes["gen_ai.operation.name"]].record(seconds, kept(attributes))

    def first(self, seconds: float, attributes: Mapping[str, Any]) -> None:
        """The first fragment of a reply came."""
        self._first.record(seconds, kept(attributes))

    def between(self, seconds: float, attributes: Mapping[str, Any]) -> None:
        """Another fragment came."""
        self._between.record(seconds, attributes)

    def tokens(self, usage: Usage, attributes: Mapping[str, Any]) -> None:
        """What a reply used, where the provider said so."""
        if usage == Usage():
            return
        which = kept(attributes)
        self._tokens.record(usage.input_tokens, {**which, "gen_ai.token.type": "input"})
        self._tokens.record(usage.output_tokens, {**which, "gen_ai.token.type": "output"})


def kept(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Those attributes of a span that a metric has too."""
    return {name: attributes[name] for name in KEPT if name in attributes}
