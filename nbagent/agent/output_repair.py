"""An answer that does not fit goes back to the model with what is wrong, a few times at most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nbagent.agent.output import Output
from nbagent.errors import ConfigurationError, OutputInvalid
from nbagent.messages import Message

__all__ = ["RETRIES", "fitting", "retries_of"]

RETRIES = 2

WRONG = """\
Your last answer cannot be used:
{errors}
Give the whole answer again with this put right, and say nothing about the mistake."""
NOTICE = "The answer was no valid {name} ({errors}); asked again, {number} of {retries}."


def retries_of(output_retries: Any) -> int:
    """How often an answer that does not fit is asked for again.

    Raises:
        ConfigurationError: It is not a whole number from 0 on.
    """
    number = output_retries
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ConfigurationError(f"output_retries is a whole number, at least 0; got {number!r}.")
    return number


async def fitting(
    output: Output,
    answer: Any,
    again: Callable[[str], Awaitable[Message]],
    forget: Callable[[Message], None],
    *,
    retries: int = RETRIES,
    notify: Callable[[str], None] | None = None,
) -> Any:
    """The value of an answer, asked for again where it does not fit.

    Args:
        output: What it is to be.
        answer: The model's message, or what a strategy gave instead.
        again: Asks once more, with a reminder of what is wrong, and gives the new answer.
        forget: Takes a rejected answer out of the conversation, when there is a newer one.
        retries: How often it may be asked for again.
        notify: Told that it is asked for again.

    Raises:
        OutputInvalid: It never fitted, was refused or cut off.
    """
    for number in range(1, retries + 1):
        try:
            return await output.value(answer)
        except OutputInvalid as error:
            # What was no reply of the model, it cannot put right.
            if error.final or not isinstance(answer, Message):
                raise
            wrong = error
        if notify is not None:
            errors = "; ".join(wrong.errors)
            name = output.shape.name
            notify(NOTICE.format(name=name, errors=errors, number=number, retries=retries))
        told = "\n".join(f"- {error}" for error in wrong.errors)
        rejected, answer = answer, await again(WRONG.format(errors=told))
        forget(rejected)
    return await output.value(answer)
