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
"""

from nbagent.agent.approval import Approval
from nbagent.agent.calls import CallRecord
from nbagent.agent.events import (
    AgentEvent,
    ApprovalRequested,
    HistoryReset,
    Notice,
    RunCancelled,
    RunFailed,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolProgress,
    ToolQueued,
    ToolStarted,
)
from nbagent.agent.reply import Reply
from nbagent.agent.session import Session
from nbagent.errors import (
    AgentBusy,
    AuthenticationError,
    ConfigurationError,
    ContextWindowExceeded,
    IncompleteToolCall,
    InvalidRequest,
    MalformedStream,
    NbagentError,
    Overloaded,
    ProviderError,
    ProviderStreamError,
    RateLimited,
    RunLimitReached,
    ServerError,
    StreamError,
    StreamTimeout,
    StreamTruncated,
    ToolArgumentsError,
    ToolDenied,
    ToolError,
    ToolExecutionError,
    ToolSchemaError,
    ToolTimeout,
    TransportError,
    UnknownTool,
    UnsupportedCapability,
)
from nbagent.executor import Executor, Retry
from nbagent.frames import (
    CompleteFrame,
    DeltaFrame,
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
    Usage,
)
from nbagent.models import Capability, Model
from nbagent.notebook import Agent
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
    Timeouts,
)
from nbagent.tools import Tool, ToolContext, ToolResult, tool

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
