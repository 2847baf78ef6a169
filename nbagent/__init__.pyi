from nbagent import agent as agent
from nbagent import errors as errors
from nbagent import executor as executor
from nbagent import frames as frames
from nbagent import local as local
from nbagent import mcp as mcp
from nbagent import messages as messages
from nbagent import models as models
from nbagent import notebook as notebook
from nbagent import otel as otel
from nbagent import providers as providers
from nbagent import recording as recording
from nbagent import scale as scale
from nbagent import store as store
from nbagent import terminal as terminal
from nbagent import testing as testing
from nbagent import tools as tools
from nbagent import widget as widget
from nbagent.agent.approval import Approval as Approval
from nbagent.agent.ask_user import ask_user as ask_user
from nbagent.agent.branches import Branch as Branch
from nbagent.agent.branches import best_by as best_by
from nbagent.agent.branches import first_where as first_where
from nbagent.agent.branches import fold as fold
from nbagent.agent.branches import parallel as parallel
from nbagent.agent.branches import retry as retry
from nbagent.agent.branches import timed as timed
from nbagent.agent.calls import CallRecord as CallRecord
from nbagent.agent.compact_node import compact as compact
from nbagent.agent.compaction import Budget as Budget
from nbagent.agent.compaction import Compaction as Compaction
from nbagent.agent.compaction import LastMessages as LastMessages
from nbagent.agent.compaction import Summary as Summary
from nbagent.agent.conditions import any_failed as any_failed
from nbagent.agent.conditions import calls_to as calls_to
from nbagent.agent.conditions import has_calls as has_calls
from nbagent.agent.conditions import has_reasoning as has_reasoning
from nbagent.agent.conditions import has_text as has_text
from nbagent.agent.conditions import no_calls as no_calls
from nbagent.agent.events import AgentEvent as AgentEvent
from nbagent.agent.events import ApprovalRequested as ApprovalRequested
from nbagent.agent.events import ApprovalsChanged as ApprovalsChanged
from nbagent.agent.events import HistoryCompacted as HistoryCompacted
from nbagent.agent.events import HistoryCut as HistoryCut
from nbagent.agent.events import HistoryReset as HistoryReset
from nbagent.agent.events import NestedItem as NestedItem
from nbagent.agent.events import NodeFinished as NodeFinished
from nbagent.agent.events import NodeOutput as NodeOutput
from nbagent.agent.events import NodeStarted as NodeStarted
from nbagent.agent.events import Notice as Notice
from nbagent.agent.events import OutputElement as OutputElement
from nbagent.agent.events import PartialOutput as PartialOutput
from nbagent.agent.events import QuestionAnswered as QuestionAnswered
from nbagent.agent.events import QuestionAsked as QuestionAsked
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
from nbagent.agent.gone import Gone as Gone
from nbagent.agent.graph import Edge as Edge
from nbagent.agent.graph import Graph as Graph
from nbagent.agent.graph import Node as Node
from nbagent.agent.history_nodes import add_messages as add_messages
from nbagent.agent.history_nodes import edit_history as edit_history
from nbagent.agent.history_nodes import stream_output as stream_output
from nbagent.agent.hooks import Hook as Hook
from nbagent.agent.hooks import on as on
from nbagent.agent.journal import Checkpoint as Checkpoint
from nbagent.agent.limits import Limits as Limits
from nbagent.agent.markdown_parts import CodeBlock as CodeBlock
from nbagent.agent.markdown_parts import Heading as Heading
from nbagent.agent.markdown_parts import ListItem as ListItem
from nbagent.agent.markdown_parts import Paragraph as Paragraph
from nbagent.agent.nodes import run_tools as run_tools
from nbagent.agent.nodes import stream_with_tools as stream_with_tools
from nbagent.agent.output import Output as Output
from nbagent.agent.output_sections import Sections as Sections
from nbagent.agent.reply import Reply as Reply
from nbagent.agent.run_context import RunContext as RunContext
from nbagent.agent.sections import Section as Section
from nbagent.agent.sections import markdown_parts as markdown_parts
from nbagent.agent.sections import markdown_sections as markdown_sections
from nbagent.agent.session import Session as Session
from nbagent.agent.strategies import plan_and_do as plan_and_do
from nbagent.agent.strategies import react as react
from nbagent.agent.strategies import tool_loop as tool_loop
from nbagent.agent.subgraph import subgraph as subgraph
from nbagent.agent.versions import BranchPoint as BranchPoint
from nbagent.agent.versions import BranchVersion as BranchVersion
from nbagent.errors import AgentBusy as AgentBusy
from nbagent.errors import AuthenticationError as AuthenticationError
from nbagent.errors import ConfigurationError as ConfigurationError
from nbagent.errors import ContextWindowExceeded as ContextWindowExceeded
from nbagent.errors import GraphError as GraphError
from nbagent.errors import IncompleteToolCall as IncompleteToolCall
from nbagent.errors import InvalidRequest as InvalidRequest
from nbagent.errors import MalformedStream as MalformedStream
from nbagent.errors import NbagentError as NbagentError
from nbagent.errors import OutputInvalid as OutputInvalid
from nbagent.errors import Overloaded as Overloaded
from nbagent.errors import ProviderError as ProviderError
from nbagent.errors import ProviderStreamError as ProviderStreamError
from nbagent.errors import RateLimited as RateLimited
from nbagent.errors import RunLimitReached as RunLimitReached
from nbagent.errors import ServerError as ServerError
from nbagent.errors import StoreError as StoreError
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
from nbagent.mcp import MCPServer as MCPServer
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
from nbagent.models import Price as Price
from nbagent.models import known_models as known_models
from nbagent.models import price_of as price_of
from nbagent.models import register_model as register_model
from nbagent.notebook import Agent as Agent
from nbagent.notebook import handoff as handoff
from nbagent.providers import AnthropicClient as AnthropicClient
from nbagent.providers import GeminiClient as GeminiClient
from nbagent.providers import OllamaClient as OllamaClient
from nbagent.providers import OpenAIChatClient as OpenAIChatClient
from nbagent.providers import OpenAIResponsesClient as OpenAIResponsesClient
from nbagent.providers import Timeouts as Timeouts
from nbagent.recording import Recorder as Recorder
from nbagent.recording import Recording as Recording
from nbagent.recording import Replay as Replay
from nbagent.recording import replay as replay
from nbagent.scale import MapItem as MapItem
from nbagent.scale import MapProgress as MapProgress
from nbagent.scale import MapResults as MapResults
from nbagent.scale import MapRun as MapRun
from nbagent.store import Store as Store
from nbagent.tools import Card as Card
from nbagent.tools import Tool as Tool
from nbagent.tools import ToolContext as ToolContext
from nbagent.tools import ToolResult as ToolResult
from nbagent.tools import Toolset as Toolset
from nbagent.tools import Variable as Variable
from nbagent.tools import tool as tool

__all__ = [
    "Agent",
    "AgentBusy",
    "AgentEvent",
    "AnthropicClient",
    "Approval",
    "ApprovalRequested",
    "ApprovalsChanged",
    "AuthenticationError",
    "Branch",
    "BranchPoint",
    "BranchVersion",
    "Budget",
    "CallRecord",
    "Capability",
    "Card",
    "Checkpoint",
    "CodeBlock",
    "Compaction",
    "CompleteFrame",
    "ConfigurationError",
    "ContextWindowExceeded",
    "DeltaFrame",
    "Edge",
    "End",
    "Executor",
    "FilePart",
    "GeminiClient",
    "Gone",
    "Graph",
    "GraphError",
    "Heading",
    "HistoryCompacted",
    "HistoryCut",
    "HistoryReset",
    "Hook",
    "ImagePart",
    "IncompleteToolCall",
    "InvalidRequest",
    "LastMessages",
    "Limits",
    "ListItem",
    "MCPServer",
    "MalformedStream",
    "MapItem",
    "MapProgress",
    "MapResults",
    "MapRun",
    "Message",
    "Model",
    "NbagentError",
    "NestedItem",
    "Node",
    "NodeFinished",
    "NodeOutput",
    "NodeStarted",
    "Notice",
    "OllamaClient",
    "OpenAIChatClient",
    "OpenAIResponsesClient",
    "Output",
    "OutputElement",
    "OutputInvalid",
    "Overloaded",
    "Paragraph",
    "PartialOutput",
    "Price",
    "Prompt",
    "ProviderError",
    "ProviderStreamError",
    "QuestionAnswered",
    "QuestionAsked",
    "RateLimited",
    "ReasoningComplete",
    "ReasoningDelta",
    "ReasoningPart",
    "Recorder",
    "Recording",
    "Replay",
    "Reply",
    "Retry",
    "RunCancelled",
    "RunContext",
    "RunFailed",
    "RunFinished",
    "RunLimitReached",
    "RunStarted",
    "Section",
    "Sections",
    "ServerError",
    "Session",
    "StepFinished",
    "StepStarted",
    "Store",
    "StoreError",
    "StreamError",
    "StreamFrame",
    "StreamItem",
    "StreamTimeout",
    "StreamTruncated",
    "Summary",
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
    "Toolset",
    "TransportError",
    "UnknownTool",
    "UnsupportedCapability",
    "Usage",
    "Variable",
    "add_messages",
    "any_failed",
    "ask_user",
    "best_by",
    "calls_to",
    "compact",
    "edit_history",
    "first_where",
    "fold",
    "handoff",
    "has_calls",
    "has_reasoning",
    "has_text",
    "known_models",
    "markdown_parts",
    "markdown_sections",
    "no_calls",
    "on",
    "parallel",
    "plan_and_do",
    "price_of",
    "react",
    "register_model",
    "replay",
    "retry",
    "run_tools",
    "stream_output",
    "stream_with_tools",
    "subgraph",
    "timed",
    "tool",
    "tool_loop",
]
__version__: str
