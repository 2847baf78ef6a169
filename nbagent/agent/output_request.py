"""How a typed answer is asked for: what one request carries, and how its frames are read.

Three forms, tried in this order as far as the model can do them: the provider's own constraint;
a tool whose arguments are the answer; words. Whoever reads the frames cannot tell which was used:
the call of that tool comes out as text, so that the history holds answers and no call that
nothing has run.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from nbagent.agent.output import Output
from nbagent.errors import UnsupportedCapability
from nbagent.frames import (
    End,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import ToolSpec
from nbagent.models import Capability, Model
from nbagent.output_schema import OutputSchema

__all__ = ["Request", "answered"]

# Whose constraint and tools go together in one request. Elsewhere a constrained model can call
# nothing (Ollama, llama.cpp), or the request is refused (Gemini before 3, Groq).
BESIDE_TOOLS = frozenset({"openai", "responses", "anthropic", "azure", "xai"})
GEMINI_BESIDE_TOOLS = re.compile(r"gemini-([3-9]|\d\d)")
# Who tells the model the schema itself; elsewhere it only constrains, and the model is told here.
TELL = frozenset({"openai", "responses", "anthropic", "gemini", "azure"})
# Their constraint allows no free keys: a dict would come back empty.
CLOSED_ONLY = frozenset({"openai", "responses", "anthropic", "azure"})
EMULATED = ("schema", "prompted")
TOOL_FORMS = ("tool", "offered tool")
# What providers say is lacking when another form is worth a try.
OF_FORMS = frozenset({"structured output", "tools", "a forced call", "tools beside reasoning"})

TOOL_NAME = "final_answer"
TOOL = "Gives your final answer. Call it once, alone and last, when you know all that it asks for."
CALL_IT = "Give your final answer by calling the tool {name}, not in words."


@dataclass(frozen=True)
class Request:
    """What one request carries.

    Attributes:
        tools: What the model may call.
        params: The parameters.
        reminder: Said after the conversation.
        instructions: Told before it, behind the agent's own.
    """

    tools: tuple[Any, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)
    reminder: str = ""
    instructions: str = ""


Ask = Callable[[Request], AsyncGenerator[StreamFrame, None]]


async def answered(
    ask: Ask,
    request: Request,
    output: Output,
    model: Model,
    notify: Callable[[str], None] | None = None,
) -> AsyncGenerator[StreamFrame, None]:
    """The frames of a reply whose words, if they are an answer, have the form of ``output``.

    Args:
        ask: Sends a request.
        request: What it carries besides.
        output: What the answer is to be.
        model: Who is asked.
        notify: Told when the model cannot do one form and is asked in another.

    Raises:
        NbagentError: As ``ask`` raises.
    """
    forms = _forms(output, model, request)
    for position, form in enumerate(forms):
        seen = False
        frames = _asked(ask, request, output, model, form)
        try:
            async with aclosing(frames):
                async for frame in frames:
                    seen = True
                    yield frame
            return
        except UnsupportedCapability as error:
            other = bool(error.lacking) and error.lacking not in OF_FORMS
            if seen or other or position == len(forms) - 1:
                raise
            if error.lacking:  # said by the provider, and so next time too
                output.refused.setdefault(str(model), set()).add(form)
        if notify is not None:
            notify(f"{model} has no {form} form of {output.shape.name}; asking in another way.")


def _forms(output: Output, model: Model, request: Request) -> Sequence[str]:
    """The forms that the model can do, the best one first."""
    schema = output.shape.schema
    if schema is None:
        return ("words",)
    refused = output.refused.get(str(model), set())
    if output.form == "tool":
        # Some that have tools cannot be made to call one.
        return [form for form in TOOL_FORMS if form not in refused] or TOOL_FORMS[-1:]
    if output.form is not None:
        return (output.form,)
    calling = request.params.get("tool_calling") or model.tool_calling
    if request.tools and calling in EMULATED:
        return ("native",)  # which constrains or tells it together with the tools
    forms = ["prompt"]
    if calling == "native" and model.can([Capability.TOOLS]):
        forms.insert(0, "tool")
    if _is_native(schema, model, tools=bool(request.tools)):
        forms.insert(0, "native")
    return [form for form in forms if form not in refused]


def _is_native(schema: OutputSchema, model: Model, *, tools: bool) -> bool:
    if not model.can([Capability.STRUCTURED_OUTPUT]):
        return False
    if not schema.strict and model.provider in CLOSED_ONLY:
        return False
    newer = model.provider == "gemini" and GEMINI_BESIDE_TOOLS.match(model.name) is not None
    return not tools or newer or model.provider in BESIDE_TOOLS


def _asked(
    ask: Ask, request: Request, output: Output, model: Model, form: str
) -> AsyncGenerator[StreamFrame, None]:
    shape = output.shape
    if form == "native":
        params = {**request.params, "output": shape.schema}
        told = model.provider in TELL or (request.tools and _emulated(request, model))
        asked = replace(request, params=params)
        return ask(asked if told else replace(asked, instructions=shape.instructions()))
    if form not in TOOL_FORMS or shape.schema is None:
        return ask(replace(request, instructions=shape.instructions()))
    name = _free_name(request.tools)
    spec = ToolSpec(name, TOOL, shape.schema.schema, strict=shape.schema.strict)
    params = dict(request.params)
    if form == "tool" and not request.tools and not params.get("reasoning_effort"):
        params["tool_choice"] = name  # which a model that reasons first cannot be told
    asked = Request((*request.tools, spec), params, request.reminder, CALL_IT.format(name=name))
    return _as_text(ask(asked), name)


def _emulated(request: Request, model: Model) -> bool:
    return (request.params.get("tool_calling") or model.tool_calling) in EMULATED


def _free_name(tools: Sequence[Any]) -> str:
    taken = {getattr(getattr(tool, "spec", tool), "name", "") for tool in tools}
    name = TOOL_NAME
    while name in taken:
        name += "_"
    return name


async def _as_text(
    frames: AsyncGenerator[StreamFrame, None], name: str
) -> AsyncGenerator[StreamFrame, None]:
    """The frames with the calls of that tool as text."""
    others = False
    begun: set[int] = set()
    async with aclosing(frames):
        async for frame in frames:
            if isinstance(frame, (ToolCallDelta, ToolCallComplete)) and frame.name == name:
                if isinstance(frame, ToolCallDelta) or frame.index not in begun:
                    begun.add(frame.index)
                    yield TextDelta(frame.arguments, frame.index)
                if isinstance(frame, ToolCallComplete):
                    yield TextComplete(frame.arguments, frame.index)
                continue
            others = others or isinstance(frame, ToolCallComplete)
            if isinstance(frame, End) and frame.finish_reason == "tool_calls" and not others:
                frame = replace(frame, finish_reason="stop")
            yield frame
