from nbagent import agent as agent
from nbagent import errors as errors
from nbagent import executor as executor
from nbagent import frames as frames
from nbagent import local as local
from nbagent import messages as messages
from nbagent import models as models
from nbagent import notebook as notebook
from nbagent import providers as providers
from nbagent import testing as testing
from nbagent import tools as tools
from nbagent import widget as widget
from nbagent.agent.approval import Approval as Approval
from nbagent.agent.calls import CallRecord as CallRecord
from nbagent.agent.events import AgentEvent as AgentEvent
from nbagent.agent.events import ApprovalRequested as ApprovalRequested
from nbagent.agent.events import HistoryReset as HistoryReset
from nbagent.agent.events import Notice as Notice
from nbagent.agent.events import RunCancelled as RunCancelled
from nbagent.agent.events import RunFailed as RunFailed
from nbagent.agent.events import RunFinished as RunFinished
from nbagent.agent.events import RunStarted as RunStarted
from nbagent.agent.events import StepFinished as StepFinished
from nbagent.agent.events import StepStarted as StepStarted
from nbagent.agent.events import StreamItem as StreamItem
from nbagent.agent.events import ToolFinished as ToolFinished
from nbagent.agent.events import ToolOutput as ToolOutput
from nbagent.agent.events import ToolProgress as ToolProgress
from nbagent.agent.events import ToolQueued as ToolQueued
from nbagent.agent.events import ToolStarted as ToolStarted
from nbagent.agent.reply import Reply as Reply
from nbagent.agent.session import Session as Session
from nbagent.errors import AgentBusy as AgentBusy
from nbagent.errors import AuthenticationError as AuthenticationError
from nbagent.errors import ConfigurationError as ConfigurationError
from nbagent.errors import ContextWindowExceeded as ContextWindowExceeded
from nbagent.errors import IncompleteToolCall as IncompleteToolCall
from nbagent.errors import InvalidRequest as InvalidRequest
from nbagent.errors import MalformedStream as MalformedStream
from nbagent.errors import NbagentError as NbagentError
from nbagent.errors import Overloaded as Overloaded
from nbagent.errors import ProviderError as ProviderError
from nbagent.errors import ProviderStreamError as ProviderStreamError
from nbagent.errors import RateLimited as RateLimited
from nbagent.errors import RunLimitReached as RunLimitReached
from nbagent.errors import ServerError as ServerError
from nbagent.errors import StreamError as StreamError
from nbagent.errors import StreamTimeout as StreamTimeout
from nbagent.errors import StreamTruncated as StreamTruncated
from nbagent.errors import ToolArgumentsError as ToolArgumentsError
from nbagent.errors import ToolDenied as ToolDenied
from nbagent.errors import ToolError as ToolError
from nbagent.errors import ToolExecutionError as ToolExecutionError
from nbagent.errors import ToolSchemaError as ToolSchemaError
from nbagent.errors import ToolTimeout as ToolTimeout
from nbagent.errors import TransportError as TransportError
from nbagent.errors import UnknownTool as UnknownTool
from nbagent.errors import UnsupportedCapability as UnsupportedCapability
from nbagent.executor import Executor as Executor
from nbagent.executor import Retry as Retry
from nbagent.frames import CompleteFrame as CompleteFrame
from nbagent.frames import DeltaFrame as DeltaFrame
from nbagent.frames import End as End
from nbagent.frames import ReasoningComplete as ReasoningComplete
from nbagent.frames import ReasoningDelta as ReasoningDelta
from nbagent.frames import StreamFrame as StreamFrame
from nbagent.frames import TextComplete as TextComplete
from nbagent.frames import TextDelta as TextDelta
from nbagent.frames import ToolCallComplete as ToolCallComplete
from nbagent.frames import ToolCallDelta as ToolCallDelta
from nbagent.messages import FilePart as FilePart
from nbagent.messages import ImagePart as ImagePart
from nbagent.messages import Message as Message
from nbagent.messages import Prompt as Prompt
from nbagent.messages import ReasoningPart as ReasoningPart
from nbagent.messages import TextPart as TextPart
from nbagent.messages import ToolCall as ToolCall
from nbagent.messages import ToolResultPart as ToolResultPart
from nbagent.messages import ToolSpec as ToolSpec
from nbagent.messages import Usage as Usage
from nbagent.models import Capability as Capability
from nbagent.models import Model as Model
from nbagent.notebook import Agent as Agent
from nbagent.providers import AnthropicClient as AnthropicClient
from nbagent.providers import GeminiClient as GeminiClient
from nbagent.providers import OllamaClient as OllamaClient
from nbagent.providers import OpenAIChatClient as OpenAIChatClient
from nbagent.providers import OpenAIResponsesClient as OpenAIResponsesClient
from nbagent.providers import Timeouts as Timeouts
from nbagent.tools import Tool as Tool
from nbagent.tools import ToolContext as ToolContext
from nbagent.tools import ToolResult as ToolResult
from nbagent.tools import tool as tool

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
__version__: str
