"""What people pass in, checked where it comes in: the error says what to write instead."""

from __future__ import annotations

from typing import Any

from nbagent.agent.content import Question, content_of
from nbagent.agent.graph import Graph
from nbagent.agent.limits import Limits, limits_of
from nbagent.agent.pricing import check_price
from nbagent.agent.repair import history_of
from nbagent.agent.run import RunSettings
from nbagent.agent.settings import params_of, tool_calling_of, toolset_of
from nbagent.errors import ConfigurationError
from nbagent.models import Model
from nbagent.tools.naming import NAME

__all__ = [
    "Question",
    "approver_of",
    "content_of",
    "history_of",
    "limits_checked",
    "name_checked",
    "parallel_of",
    "params_of",
    "steps_of",
    "strategy_of",
    "timeout_of",
    "tool_calling_of",
    "toolset_of",
    "waits",
]


def waits(when_busy: str) -> bool:
    """Whether a question waits for the run that is going on.

    Raises:
        ConfigurationError: It is neither of the two words.
    """
    if when_busy not in ("wait", "refuse"):
        raise ConfigurationError(f"when_busy is 'wait' or 'refuse'; got {when_busy!r}.")
    return when_busy == "wait"


def limits_checked(limits: Any, model: Model) -> Limits:
    """What one question may use.

    Raises:
        ConfigurationError: It is no `Limits`, or limits the cost of a model without a known price.
    """
    found = limits_of(limits)
    check_price(model, found.cost)
    return found


def name_checked(name: Any) -> str:
    """An agent's name.

    Raises:
        ConfigurationError: Providers would not take it as the name of a tool.
    """
    if name != "" and not (isinstance(name, str) and NAME.fullmatch(name)):
        raise ConfigurationError(
            'name is 1 to 64 letters a-z, digits, "_" and "-": other agents call this one by it; '
            f"got {name!r}."
        )
    return str(name)


def steps_of(max_steps: Any) -> int:
    """How often a run may ask the model.

    Raises:
        ConfigurationError: It is not a whole number from 1 on.
    """
    if not isinstance(max_steps, int) or isinstance(max_steps, bool) or max_steps < 1:
        raise ConfigurationError(f"max_steps is a whole number, at least 1; got {max_steps!r}.")
    return max_steps


def parallel_of(max_parallel_calls: Any) -> int:
    """How many calls run at once.

    Raises:
        ConfigurationError: It is not a whole number from 1 on.
    """
    number = max_parallel_calls
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ConfigurationError(
            "max_parallel_calls is a whole number, at least 1 (one call after another); "
            f"got {number!r}."
        )
    return number


def timeout_of(approval_timeout: Any) -> float | None:
    """How many seconds a call waits for a yes, or None.

    Raises:
        ConfigurationError: It is not a number above zero.
    """
    if approval_timeout is None:
        return None
    number = isinstance(approval_timeout, (int, float)) and not isinstance(approval_timeout, bool)
    if not number or not approval_timeout > 0:
        raise ConfigurationError(
            "approval_timeout is a number of seconds above zero, or None to wait; "
            f"got {approval_timeout!r}."
        )
    return float(approval_timeout)


def strategy_of(strategy: Any) -> RunSettings:
    """How an agent's runs go, by its ``strategy=``: a graph, or one function as its only node.

    Raises:
        ConfigurationError: It is neither.
        GraphError: The graph cannot run.
    """
    if strategy is None:
        return RunSettings()
    if not isinstance(strategy, Graph):
        if not callable(strategy):
            raise ConfigurationError(
                "strategy is a Graph, such as nbagent.react(), or an async function of the "
                f"context and the question; got {_kind(strategy)}."
            )
        graph: Graph[Any, Any] = Graph(getattr(strategy, "__name__", "strategy"))
        graph.path(graph.start, strategy, graph.finish)
        strategy = graph
    strategy.check()
    return RunSettings(strategy, told=True)


def approver_of(approver: Any) -> Any:
    """What answers requests for approval, or None.

    Raises:
        ConfigurationError: It cannot be called.
    """
    if approver is not None and not callable(approver):
        raise ConfigurationError(
            "approver is an async function that takes an ApprovalRequested and gives True, False "
            f"or a reason; got {_kind(approver)}."
        )
    return approver


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
