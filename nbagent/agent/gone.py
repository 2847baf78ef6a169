"""What stands for an object that a tool returned to an earlier kernel."""

from __future__ import annotations

__all__ = ["Gone"]


class Gone:
    """The result of a call that was loaded: the object itself lived in another kernel.

    What the model read and what the person saw were saved, and are in the call's record as they
    were. To have the object, run the tool again.

    Args:
        type_name: The name of the object's type.
    """

    __slots__ = ("type_name",)

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def __repr__(self) -> str:
        return (
            f"<{self.type_name} of an earlier kernel: only what it looked like was saved; "
            "run the tool again to have it>"
        )

    def __bool__(self) -> bool:
        return False
