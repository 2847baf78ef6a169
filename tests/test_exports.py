"""The front door: which names there are, that they can be imported, and that they are explained."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import nbagent

# Written down, so that a name is added or taken away on purpose.
FRONT_DOOR = [
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
PACKAGES = ["nbagent"] + [
    found.name for found in pkgutil.walk_packages(nbagent.__path__, "nbagent.") if found.ispkg
]


def test_the_front_door_is_as_written_down():
    """Users' imports do not change by accident."""
    assert nbagent.__all__ == FRONT_DOOR


@pytest.mark.parametrize("package", PACKAGES)
def test_exported_names_are_sorted_and_there(package):
    """Every package's names are in order, once, and can be imported."""
    module = importlib.import_module(package)
    names = list(getattr(module, "__all__", ()))
    assert names == sorted(set(names))
    assert [name for name in names if not hasattr(module, name)] == []


def _documented(kind):
    own = [value for name, value in vars(kind).items() if not name.startswith("_")]
    functions = [getattr(value, "__func__", getattr(value, "fget", value)) for value in own]
    return [value for value in functions if inspect.isfunction(value)]


@pytest.mark.parametrize("name", FRONT_DOOR)
def test_every_public_name_is_explained(name):
    """Classes, functions and public methods have a docstring of their own."""
    value = getattr(nbagent, name)
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return  # a union of types: its members are explained
    assert (value.__doc__ or "").strip(), name
    # A dataclass without a docstring gets its signature as one.
    assert not value.__doc__.startswith(f"{name}("), name
    if inspect.isclass(value):
        assert [f.__qualname__ for f in _documented(value) if not f.__doc__] == []


def test_the_stub_and_the_front_door_name_the_same_homes() -> None:
    """A type checker and the running package find each name in the same module."""
    stub = ast.parse(Path(nbagent.__file__).with_name("__init__.pyi").read_text())
    homes = {
        alias.name: statement.module
        for statement in stub.body
        if isinstance(statement, ast.ImportFrom) and statement.module != "nbagent"
        for alias in statement.names
    }
    assert homes == nbagent.HOMES
    rooms = {
        alias.name
        for statement in stub.body
        if isinstance(statement, ast.ImportFrom) and statement.module == "nbagent"
        for alias in statement.names
    }
    assert rooms == nbagent.ROOMS


def test_the_front_door_loads_nothing_before_it_is_asked() -> None:
    """``import nbagent`` leaves the rest for later; an unknown name is an AttributeError."""
    script = (
        "import sys, nbagent; assert not [m for m in sys.modules if m.startswith('nbagent.')];"
        "assert nbagent.errors.NbagentError is nbagent.NbagentError;"
        "assert not hasattr(nbagent, 'nothing')"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
