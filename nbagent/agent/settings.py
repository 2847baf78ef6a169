"""What a conversation is held with, and how that is changed between replies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbagent.agent.shown import Shown
from nbagent.errors import ConfigurationError
from nbagent.executor import Executor
from nbagent.models import TOOL_CALLING, Model, ModelLike
from nbagent.tools import Toolset

__all__ = ["Changeable", "Settings", "params_of", "tool_calling_of", "toolset_of"]


@dataclass
class Settings:
    """What a conversation is held with.

    Attributes:
        executor: Reaches the model.
        model: The model.
        tools: The tools; looked at before each request.
        instructions: The system message.
        params: Parameters of each request.
        tool_calling: How tools reach the model; None leaves it to the model.
        shown: The variables that the model sees.
        name: What other agents know this one by.
        description: What they are told that it is good for.
    """

    executor: Executor
    model: Model
    tools: Toolset = field(default_factory=Toolset)
    instructions: str = ""
    # Not in the repr: extra parameters may carry a key.
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tool_calling: str | None = None
    shown: Shown = field(default_factory=Shown, repr=False)
    name: str = ""
    description: str = ""


class Changeable(ABC):
    """What has settings; a change counts from the next request on, also during a run."""

    @abstractmethod
    def _get_settings(self) -> Settings:
        """The settings now."""

    @abstractmethod
    def _change(self, name: str, value: Any) -> None:
        """Sets one of them, already checked."""

    @property
    def model(self) -> Model:
        """The model that is asked; set to a `Model` or ``"provider:name"`` it is another one.

        Raises:
            ConfigurationError: What was set names no model.
        """
        return self._get_settings().model

    @model.setter
    def model(self, model: ModelLike) -> None:
        self._change("model", Model.of(model))

    @property
    def tools(self) -> Toolset:
        """The tools that the model may call, to be read and changed like a list.

        A change counts from the next request to the model on, also during a run.
        """
        return self._get_settings().tools

    @tools.setter
    def tools(self, tools: Iterable[Any]) -> None:
        self._change("tools", toolset_of(tools))

    @property
    def instructions(self) -> str:
        """What the model is told before everything else."""
        return self._get_settings().instructions

    @instructions.setter
    def instructions(self, instructions: str) -> None:
        if not isinstance(instructions, str):
            raise ConfigurationError(
                f"instructions is a text; got a {type(instructions).__name__}."
            )
        self._change("instructions", instructions)

    @property
    def params(self) -> Mapping[str, Any]:
        """Parameters of every request, such as ``temperature``."""
        return self._get_settings().params

    @params.setter
    def params(self, params: Mapping[str, Any] | None) -> None:
        self._change("params", params_of(params))

    @property
    def tool_calling(self) -> str | None:
        """How tools reach the model; None leaves it to the model."""
        return self._get_settings().tool_calling

    @tool_calling.setter
    def tool_calling(self, tool_calling: str | None) -> None:
        self._change("tool_calling", tool_calling_of(tool_calling))


def toolset_of(tools: Iterable[Any]) -> Toolset:
    """A toolset of functions, tools, toolsets and servers; one that is a toolset is itself.

    Raises:
        ToolSchemaError: A function cannot be described.
        ConfigurationError: Two have the same name, or there is no list.
    """
    return tools if isinstance(tools, Toolset) else Toolset(tools)


def tool_calling_of(value: Any) -> str | None:
    """How tools reach the model, or None to leave it to the model.

    Raises:
        ConfigurationError: There is no such way.
    """
    if value is None or value in TOOL_CALLING:
        return value  # type: ignore[no-any-return]  # one of the strings it was found among
    raise ConfigurationError(f"tool_calling is one of {', '.join(TOOL_CALLING)}; got {value!r}.")


def params_of(params: Any) -> dict[str, Any]:
    """Parameters of every request.

    Raises:
        ConfigurationError: It is not a mapping with names as keys.
    """
    if params is None:
        return {}
    if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
        raise ConfigurationError(
            f"params is a mapping such as {{'temperature': 0}}; got a {type(params).__name__}."
        )
    return dict(params)
