"""OpenTelemetry for agents, with the semantic conventions for generative AI (extra ``otel``)::

    import nbagent.otel
    nbagent.otel.instrument()              # all agents of this process
    nbagent.otel.instrument(agent)         # this one

A run is a span ``invoke_agent``, each request to the model one ``chat``, from the request to the
end of its stream, and each call one ``execute_tool``. What is traced in a tool is inside its span.
What was said is captured only where that is asked for.
"""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from nbagent.agent.following import EVERYWHERE, Everywhere, Followers, Following, Source
from nbagent.errors import ConfigurationError
from nbagent.otel.api import MeterProvider, TracerProvider, trace
from nbagent.otel.measuring import Metrics
from nbagent.otel.tracing import Tracing

__all__ = ["Instrumentation", "instrument"]

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
NAME = "OpenTelemetry"
YES = ("true", "1", "yes", "span_only", "span_and_event")


class Instrumentation:
    """Agents that are traced; ``remove()`` ends that, for their forks too."""

    def __init__(self, home: Everywhere, tracing: Tracing) -> None:
        self._home = home
        self._tracing = tracing
        self._following = Following(self._told, tracing.kinds, NAME, inherited=True, at_once=True)
        home.add(self._following)

    def remove(self) -> None:
        """Traces no more; what goes on ends here."""
        self._home.remove(self._following)
        self._tracing.close()
        self._following.kinds = frozenset()

    def _told(self, source: Source, item: Any) -> None:
        # An agent that is traced by itself is not traced among all others too.
        if self._home is EVERYWHERE and any(one.name == NAME for one in source.followers.all):
            return
        if self._following.kinds:
            self._tracing.told(source, item)


def instrument(
    agent: Any = None,
    *,
    name: str = "",
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    capture_content: bool | None = None,
) -> Instrumentation:
    """Traces the runs of an agent, or of all agents, from now on.

    Args:
        agent: The agent; None for all of this process, also those made later.
        name: The name in the spans; by default the agent's own.
        tracer_provider: Makes the tracer; the one that the process has set up by default.
        meter_provider: Makes the metrics; as above.
        capture_content: Whether questions, answers, arguments and results go into the spans. By
            default as the variable OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT says, which
            is no where it is not set.

    Raises:
        ConfigurationError: It is no agent.
    """
    capture = _wanted() if capture_content is None else capture_content
    own = _version()
    tracer = trace.get_tracer("nbagent", own, tracer_provider=tracer_provider)
    tracing = Tracing(tracer, Metrics(meter_provider, own), capture, name)
    if agent is None:
        return Instrumentation(EVERYWHERE, tracing)
    followers = getattr(getattr(agent, "_engine", None), "followers", None)
    if not isinstance(followers, Followers):
        raise ConfigurationError(f"instrument() takes an Agent; got a {type(agent).__name__}.")
    return Instrumentation(followers, tracing)


def _wanted() -> bool:
    return os.environ.get(CAPTURE, "").strip().lower() in YES


def _version() -> str:
    try:
        return version("nbagent")
    except PackageNotFoundError:  # used from a clone that was not installed
        return "unknown"
