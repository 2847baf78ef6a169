"""Tool calling for models and servers that have none of their own.

An `Emulation` rewrites the request before it is encoded and the frames after they are decoded.
Whoever reads the frames cannot tell which form was used.
"""

from nbagent.calling.emulation import Emulation

__all__ = ["Emulation"]
