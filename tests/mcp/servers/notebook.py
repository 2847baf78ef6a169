"""Our own `serve` over standard input and output, as a script that a client starts."""

import asyncio
import threading

from nbagent import ToolContext, tool
from nbagent.mcp import serve

print("printed before serving")  # noqa: T201 - what is tested is that it does no harm


def where() -> str:
    """Names the thread that it runs on."""
    print("printed by a tool")  # noqa: T201 - as above
    return "main" if threading.current_thread() is threading.main_thread() else "other"


@tool
def point(x: int, context: ToolContext) -> dict[str, int]:
    """Gives an object, and tells how far it is."""
    context.progress(0.5, "half way")
    return {"x": x}


@tool
async def later(text: str) -> str:
    """Awaits."""
    await asyncio.sleep(0.01)
    return text


@tool
def breaks() -> None:
    """Raises."""
    raise ValueError("no such column")


if __name__ == "__main__":
    serve([where, point, later, breaks], name="notebook", transport="stdio")
