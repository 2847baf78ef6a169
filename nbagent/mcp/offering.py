"""Tools as an MCP server has them: listed, called, their results in the protocol's form."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from dataclasses import is_dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from nbagent.agent.approval import Approvals, Approver
from nbagent.agent.call_runner import CallRunner
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import ApprovalRequested
from nbagent.errors import NbagentError
from nbagent.mcp.sdk import Server, ServerRequestContext, types
from nbagent.mcp.telling import Telling
from nbagent.messages import ImagePart, ToolCall
from nbagent.tools import Place, Tool, Toolset

__all__ = ["server_of"]


def server_of(name: str, tools: Toolset, place: Place, approver: Approver | None) -> Server[Any]:
    """A server of the SDK's that offers the tools.

    Args:
        name: What it calls itself.
        tools: Looked at anew for each listing and each call.
        place: Where plain functions run.
        approver: Answers for tools with ``approve``; without one they are refused.
    """
    runner = CallRunner({}, place, Approvals(approver or _nobody), False, _unheard, "mcp")

    async def listed(
        request: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        offered = await tools.resolve()
        return types.ListToolsResult(tools=[_described(tool) for tool in offered.values()])

    async def called(
        request: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        telling = Telling(request)
        arguments = json.dumps(params.arguments or {})
        call = ToolCall(f"mcp_{uuid.uuid4().hex[:12]}", params.name, arguments)
        try:
            here = replace(runner, tools=await tools.resolve(), emit=telling.hear)
            record = await here.run(call)
            await telling.finish()
        except asyncio.CancelledError:
            telling.drop()
            raise
        except NbagentError as error:  # of the tools as a whole, or of the approver
            telling.drop()
            return types.CallToolResult(content=[_text(str(error))], is_error=True)
        return _result(record)

    return Server(name, version="1", on_list_tools=listed, on_call_tool=called)


def _described(tool: Tool[..., Any]) -> types.Tool:
    spec = tool.spec
    schema = {"type": "object", **spec.parameters}
    return types.Tool(name=tool.name, description=spec.description, input_schema=schema)


def _result(record: CallRecord) -> types.CallToolResult:
    part = record.part()
    content: list[types.ContentBlock] = [_text(part.text)]
    content += [_image(image) for image in part.images if image.data]
    return types.CallToolResult(
        content=content, structured_content=_structured(record), is_error=part.error
    )


def _structured(record: CallRecord) -> dict[str, Any] | None:
    """The value where it is an object in JSON's sense: the protocol takes nothing else."""
    if record.error is not None:
        return None
    value = record.result
    if not (isinstance(value, (dict, BaseModel)) or is_dataclass(value)):
        return None
    try:
        plain = to_jsonable_python(value, inf_nan_mode="constants", by_alias=True)
        json.dumps(plain, allow_nan=False)
    except ValueError:  # what is in it is no data, or no JSON: the text says what there is to say
        return None
    return plain if isinstance(plain, dict) else None


def _text(text: str) -> types.TextContent:
    return types.TextContent(text=text)


def _image(image: ImagePart) -> types.ImageContent:
    data = base64.b64encode(image.data or b"").decode("ascii")
    return types.ImageContent(data=data, mime_type=image.media_type)


def _nobody(request: ApprovalRequested) -> str:
    return "it needs the yes of a person, and nobody was named to ask: serve(…, approver=…)"


def _unheard(event: object) -> None:
    """Each call has its own listener."""
