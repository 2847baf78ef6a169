"""Tools: any Python function, offered to a model, run safely, with everything it shows.

Floor 5; needs `nbagent.messages` and `nbagent.errors` only. From below upward:

* ``outputs``, ``failures``: values; what a call shows and gives, how it fails
* ``cells``, ``shortened``, ``tables``, ``figures``, ``charts``, ``pictures``, ``for_person``,
  ``for_model``: the two sides of a result
* ``interrupts``, ``place``, ``visit``, ``home``, ``main_thread``: where a function runs
* ``context``: what a running function may know and say
* ``namespace``, ``variables``, ``marking``: parameters filled from the notebook's variables
* ``typed_dicts``, ``readable``, ``signature``, ``docstrings``, ``naming``, ``tidy``, ``schema``,
  ``strict``, ``arguments``: from a function to its description, and from a model's JSON to a call
* ``shown``, ``imports``, ``doors``, ``threads``, ``pyplot``, ``capture``: whose output it is
* ``tracebacks``, ``rendering``, ``generators``, ``running``, ``worker``, ``remote``: one call
* ``tool``, ``decorator``, ``spec_tool``: the whole
* ``source``, ``redefined``, ``availability``, ``names``, ``toolset``: many of them
"""

from nbagent.tools.context import ToolContext
from nbagent.tools.decorator import tool
from nbagent.tools.failures import ToolInterrupted, ToolRaised
from nbagent.tools.for_model import ModelSide, for_model
from nbagent.tools.for_person import for_person
from nbagent.tools.main_thread import MainThread
from nbagent.tools.outputs import (
    ClearOutput,
    DisplayOutput,
    MimeBundle,
    StreamOutput,
    ToolListener,
    ToolOutput,
    ToolResult,
)
from nbagent.tools.place import Inline, Place
from nbagent.tools.rendering import Card, card_of, drawn
from nbagent.tools.source import ToolSource
from nbagent.tools.spec_tool import SpecFunction, SpecTool
from nbagent.tools.tool import Options, Tool
from nbagent.tools.toolset import Toolset
from nbagent.tools.variables import Variable

__all__ = [
    "Card",
    "ClearOutput",
    "DisplayOutput",
    "Inline",
    "MainThread",
    "MimeBundle",
    "ModelSide",
    "Options",
    "Place",
    "SpecFunction",
    "SpecTool",
    "StreamOutput",
    "Tool",
    "ToolContext",
    "ToolInterrupted",
    "ToolListener",
    "ToolOutput",
    "ToolRaised",
    "ToolResult",
    "ToolSource",
    "Toolset",
    "Variable",
    "card_of",
    "drawn",
    "for_model",
    "for_person",
    "tool",
]
