"""nbagent: a streaming agent in your notebook::

    from nbagent import Agent, tool

    @tool
    def average(column: str) -> float:
        "The average of one column."
        return df[column].mean()

    agent = Agent("openai:gpt-5-mini", tools=[average])
    agent                                   # the last line of a cell displays it
    reply = await agent.ask("What is the average mpg?")

The floors of the package; a module imports only from lower ones, and a test proves it::

    8  notebook, testing        the Agent that users import; scripted clients and fake servers
    7  choice, widget           which model, which executor; the wire to the page
    6  agent                    runs, sessions, history, approval; nothing of display
    5  tools                    @tool: schema, running, capturing (knows floors 0 and 1 alone)
    4  executor, local          routing and retry; the embedded model
    3  providers                one file a wire protocol; transport is the only one that knows HTTP
    2  assembly, calling, ...   bytes to events, fragments to frames, models, emulated tool calls
    1  frames, errors           what a stream is made of; what can go wrong
    0  messages                 what is said

Names are imported when they are first asked for (PEP 562), so that ``import nbagent`` costs no
more than its dependencies do. `__init__.pyi` beside this file says the same to type checkers; a
test holds the two together.
"""

import importlib
from typing import Any

__all__ = [
    "Agent",
    "AgentBusy",
    "AgentEvent",
    "AnthropicClient",
    "Approval",
    "ApprovalRequested",
    "AuthenticationError",
    "CallRecord",
    "Capability",
    "CompleteFrame",
    "ConfigurationError",
    "ContextWindowExceeded",
    "DeltaFrame",
    "End",
    "Executor",
    "FilePart",
    "GeminiClient",
    "HistoryReset",
    "ImagePart",
    "IncompleteToolCall",
    "InvalidRequest",
    "MalformedStream",
    "Message",
    "Model",
    "NbagentError",
    "Notice",
    "OllamaClient",
    "OpenAIChatClient",
    "OpenAIResponsesClient",
    "Overloaded",
    "Prompt",
    "ProviderError",
    "ProviderStreamError",
    "RateLimited",
    "ReasoningComplete",
    "ReasoningDelta",
    "ReasoningPart",
    "Reply",
    "Retry",
    "RunCancelled",
    "RunFailed",
    "RunFinished",
    "RunLimitReached",
    "RunStarted",
    "ServerError",
    "Session",
    "StepFinished",
    "StepStarted",
    "StreamError",
    "StreamFrame",
    "StreamItem",
    "StreamTimeout",
    "StreamTruncated",
    "TextComplete",
    "TextDelta",
    "TextPart",
    "Timeouts",
    "Tool",
    "ToolArgumentsError",
    "ToolCall",
    "ToolCallComplete",
    "ToolCallDelta",
    "ToolContext",
    "ToolDenied",
    "ToolError",
    "ToolExecutionError",
    "ToolFinished",
    "ToolOutput",
    "ToolProgress",
    "ToolQueued",
    "ToolResult",
    "ToolResultPart",
    "ToolSchemaError",
    "ToolSpec",
    "ToolStarted",
    "ToolTimeout",
    "TransportError",
    "UnknownTool",
    "UnsupportedCapability",
    "Usage",
    "tool",
]

__version__ = "0.1.0"

HOMES = {
    "Agent": "nbagent.notebook",
    "AgentBusy": "nbagent.errors",
    "AgentEvent": "nbagent.agent.events",
    "AnthropicClient": "nbagent.providers",
    "Approval": "nbagent.agent.approval",
    "ApprovalRequested": "nbagent.agent.events",
    "AuthenticationError": "nbagent.errors",
    "CallRecord": "nbagent.agent.calls",
    "Capability": "nbagent.models",
    "CompleteFrame": "nbagent.frames",
    "ConfigurationError": "nbagent.errors",
    "ContextWindowExceeded": "nbagent.errors",
    "DeltaFrame": "nbagent.frames",
    "End": "nbagent.frames",
    "Executor": "nbagent.executor",
    "FilePart": "nbagent.messages",
    "GeminiClient": "nbagent.providers",
    "HistoryReset": "nbagent.agent.events",
    "ImagePart": "nbagent.messages",
    "IncompleteToolCall": "nbagent.errors",
    "InvalidRequest": "nbagent.errors",
    "MalformedStream": "nbagent.errors",
    "Message": "nbagent.messages",
    "Model": "nbagent.models",
    "NbagentError": "nbagent.errors",
    "Notice": "nbagent.agent.events",
    "OllamaClient": "nbagent.providers",
    "OpenAIChatClient": "nbagent.providers",
    "OpenAIResponsesClient": "nbagent.providers",
    "Overloaded": "nbagent.errors",
    "Prompt": "nbagent.messages",
    "ProviderError": "nbagent.errors",
    "ProviderStreamError": "nbagent.errors",
    "RateLimited": "nbagent.errors",
    "ReasoningComplete": "nbagent.frames",
    "ReasoningDelta": "nbagent.frames",
    "ReasoningPart": "nbagent.messages",
    "Reply": "nbagent.agent.reply",
    "Retry": "nbagent.executor",
    "RunCancelled": "nbagent.agent.events",
    "RunFailed": "nbagent.agent.events",
    "RunFinished": "nbagent.agent.events",
    "RunLimitReached": "nbagent.errors",
    "RunStarted": "nbagent.agent.events",
    "ServerError": "nbagent.errors",
    "Session": "nbagent.agent.session",
    "StepFinished": "nbagent.agent.events",
    "StepStarted": "nbagent.agent.events",
    "StreamError": "nbagent.errors",
    "StreamFrame": "nbagent.frames",
    "StreamItem": "nbagent.agent.events",
    "StreamTimeout": "nbagent.errors",
    "StreamTruncated": "nbagent.errors",
    "TextComplete": "nbagent.frames",
    "TextDelta": "nbagent.frames",
    "TextPart": "nbagent.messages",
    "Timeouts": "nbagent.providers",
    "Tool": "nbagent.tools",
    "ToolArgumentsError": "nbagent.errors",
    "ToolCall": "nbagent.messages",
    "ToolCallComplete": "nbagent.frames",
    "ToolCallDelta": "nbagent.frames",
    "ToolContext": "nbagent.tools",
    "ToolDenied": "nbagent.errors",
    "ToolError": "nbagent.errors",
    "ToolExecutionError": "nbagent.errors",
    "ToolFinished": "nbagent.agent.events",
    "ToolOutput": "nbagent.agent.events",
    "ToolProgress": "nbagent.agent.events",
    "ToolQueued": "nbagent.agent.events",
    "ToolResult": "nbagent.tools",
    "ToolResultPart": "nbagent.messages",
    "ToolSchemaError": "nbagent.errors",
    "ToolSpec": "nbagent.messages",
    "ToolStarted": "nbagent.agent.events",
    "ToolTimeout": "nbagent.errors",
    "TransportError": "nbagent.errors",
    "UnknownTool": "nbagent.errors",
    "UnsupportedCapability": "nbagent.errors",
    "Usage": "nbagent.messages",
    "tool": "nbagent.tools",
}
ROOMS = frozenset(
    {"agent", "errors", "executor", "frames", "local", "messages", "models", "notebook"}
    | {"providers", "testing", "tools", "widget"}
)


def __getattr__(name: str) -> Any:
    if name in ROOMS:
        return importlib.import_module(f"nbagent.{name}")
    if name not in HOMES:
        raise AttributeError(f"module 'nbagent' has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *ROOMS})
