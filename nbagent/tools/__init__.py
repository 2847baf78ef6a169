"""Tools: any Python function, offered to a model, run safely, with everything it shows.

Floor 5; needs `nbagent.messages` and `nbagent.errors` only. From below upward:

* ``outputs``, ``failures``: values; what a call shows and gives, how it fails
* ``figures``, ``tables``, ``for_person``, ``for_model``: the two sides of a result
* ``interrupts``, ``place``, ``visit``, ``main_thread``: where a function runs
* ``context``: what a running function may know and say
* ``typed_dicts``, ``signature``, ``docstrings``, ``naming``, ``schema``, ``strict``,
  ``arguments``: from a function to its description, and from a model's JSON to a call
* ``capture``, ``tracebacks``, ``running``, ``remote``: one call
* ``tool``, ``decorator``: the whole
"""

from nbagent.tools.context import ToolContext
from nbagent.tools.decorator import tool
from nbagent.tools.failures import ToolInterrupted, ToolRaised
from nbagent.tools.for_model import ModelSide, for_model
from nbagent.tools.for_person import for_person
from nbagent.tools.main_thread import MainThread
from nbagent.tools.outputs import (
    DisplayOutput,
    MimeBundle,
    StreamOutput,
    ToolListener,
    ToolOutput,
    ToolResult,
)
from nbagent.tools.place import Inline, Place
from nbagent.tools.tool import Tool

__all__ = [
    "DisplayOutput",
    "Inline",
    "MainThread",
    "MimeBundle",
    "ModelSide",
    "Place",
    "StreamOutput",
    "Tool",
    "ToolContext",
    "ToolInterrupted",
    "ToolListener",
    "ToolOutput",
    "ToolRaised",
    "ToolResult",
    "for_model",
    "for_person",
    "tool",
]
