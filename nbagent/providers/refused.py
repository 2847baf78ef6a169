"""Which parameters which service cannot be told, as one table.

What somebody asked for explicitly and a service has no word for is an error before anything is
sent: dropped in silence, a seed would promise answers that can be had again, and a single call
might come as three. What a service knows but one of its models does not is for the service to say.

===================== ========= ========= ====== ====== ====================
parameter             anthropic responses gemini ollama others
===================== ========= ========= ====== ====== ====================
seed                  refused   refused   sent   sent   sent
stop                  sent      refused   sent   sent   sent
parallel_tool_calls   sent      sent      True   True   sent
tool_choice           sent      sent      sent   auto,  sent; moonshot: no
                                                 none   ``"required"``
all others            sent      sent      sent   sent   sent
===================== ========= ========= ====== ====== ====================

The columns ``anthropic`` and ``responses`` are of these services themselves; other servers behind
the same protocols (llama.cpp, vLLM) are sent everything. With ``tool_calling="schema"`` or
``"prompted"`` calls are asked for in other words, and both parameters of calls can be had anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbagent.errors import UnsupportedCapability
from nbagent.providers.params import Params

__all__ = ["REFUSED", "Refusal", "check"]

# These mean nothing in a request without tools.
OF_CALLS = frozenset({"tool_choice", "parallel_tool_calls"})
EMULATED = "Use tool_calling='schema' or 'prompted', which can, or leave it out."


@dataclass(frozen=True)
class Refusal:
    """What a service cannot be told of one parameter.

    Attributes:
        advice: What to do instead.
        taken: The values that it does take.
        refused: The values that it does not take; None for all but those that are taken.
    """

    advice: str
    taken: frozenset[Any] = frozenset()
    refused: frozenset[Any] | None = None

    def of(self, value: Any) -> bool:
        """Whether the service cannot be told this value."""
        if self.refused is not None:
            return value in self.refused
        return not (self.taken and value in self.taken)


REFUSED: Mapping[str, Mapping[str, Refusal]] = {
    "anthropic": {"seed": Refusal("Leave it out; temperature=0 makes answers most alike.")},
    "responses": {
        "seed": Refusal("Leave it out, or use the chat completions ('openai:…'), which have it."),
        "stop": Refusal("Leave it out, or use the chat completions ('openai:…'), which have it."),
    },
    "gemini": {"parallel_tool_calls": Refusal(EMULATED, taken=frozenset({True}))},
    "ollama": {
        "parallel_tool_calls": Refusal(EMULATED, taken=frozenset({True})),
        "tool_choice": Refusal(EMULATED, taken=frozenset({"auto", "none"})),
    },
    "moonshot": {"tool_choice": Refusal(EMULATED, refused=frozenset({"required"}))},
}


def check(service: str, label: str, params: Params, *, tools: bool) -> None:
    """Lets parameters pass that a service can be told.

    Args:
        service: A column of the table.
        label: Its name for people.
        params: What was asked for.
        tools: Whether the request has tools.

    Raises:
        UnsupportedCapability: It cannot be told one of them.
    """
    for name, refusal in REFUSED.get(service, {}).items():
        value = getattr(params, name)
        if value is None or (name in OF_CALLS and not tools):
            continue
        if refusal.of(value):
            raise UnsupportedCapability(f"{label} has no {name}={value!r}. {refusal.advice}")
