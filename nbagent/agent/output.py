"""What an answer is to be: a value of a type, or words of a form; and how it is asked for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias, get_args, runtime_checkable

import pydantic

from nbagent.agent.events import OutputElement, PartialOutput
from nbagent.agent.output_types import TypedShape
from nbagent.agent.output_words import Words
from nbagent.errors import ConfigurationError, OutputInvalid
from nbagent.frames import End, TextDelta
from nbagent.messages import Message
from nbagent.output_schema import OutputSchema

__all__ = ["Form", "Output", "OutputReader", "Shape", "output_of"]

Form: TypeAlias = Literal["native", "tool", "prompt"]
FORMS: tuple[str, ...] = get_args(Form)


class ShapeReader(Protocol):
    """Reads the text of one answer while it streams."""

    def feed(self, text: str) -> list[PartialOutput | OutputElement]:
        """The events that a fragment makes due."""
        ...

    def flush(self) -> list[PartialOutput | OutputElement]:
        """The events that are due when the text is over."""
        ...


@runtime_checkable
class Shape(Protocol):
    """What an answer is to be. ``schema`` is None where it is words and not JSON."""

    @property
    def name(self) -> str:
        """What the answer is called."""
        ...

    @property
    def schema(self) -> OutputSchema | None:
        """What a provider is to hold the model to."""
        ...

    def instructions(self) -> str:
        """What a model is told of it."""
        ...

    def value(self, text: str) -> Any:
        """The value of a whole answer; raises `OutputInvalid`."""
        ...

    def checked(self, value: Any) -> Any:
        """A value that is an object already; raises `OutputInvalid`."""
        ...

    def reader(self, run_id: str) -> ShapeReader:
        """What reads one answer while it streams."""
        ...


class Output:
    """An answer of a type, where more is to be said than the type::

        agent = Agent(output=Output(Query, check=parses))

    Args:
        kind: A pydantic model, a dataclass, a TypedDict, a list of these, any other type that
            pydantic describes, a JSON schema (the answer is then dicts and lists), `Sections` for
            Markdown, or ``str`` for words.
        form: How it is asked for: ``"native"`` by the provider's own constraint, ``"tool"`` as
            the arguments of a call, ``"prompt"`` in words. By default the first of these that the
            model can do.
        check: Gets a valid value and raises ValueError with what is still wrong with it, which
            the model is then told. May be async.
        name: What the answer is called; by default as the type.

    Raises:
        ConfigurationError: The type cannot be described, or an argument does not make sense.
    """

    def __init__(
        self,
        kind: Any,
        *,
        form: Form | None = None,
        check: Callable[[Any], Any] | None = None,
        name: str | None = None,
    ) -> None:
        if form is not None and form not in FORMS:
            raise ConfigurationError(f"form is one of {', '.join(FORMS)}; got {form!r}.")
        if check is not None and not callable(check):
            raise ConfigurationError("check is a function of the value that raises ValueError.")
        self.kind = kind
        self.form = form
        self.shape = _shape_of(kind, name)
        self._check = check
        # Forms that a provider said of a model that it cannot do, by the model's label.
        self.refused: dict[str, set[str]] = {}

    def __repr__(self) -> str:
        return f"Output({getattr(self.kind, '__name__', self.kind)!s})"

    @classmethod
    def of(cls, output: Any) -> Output:
        """An `Output` of what was given as ``output=``.

        Raises:
            ConfigurationError: It cannot be described.
        """
        return output if isinstance(output, Output) else cls(output)

    async def value(self, answer: Any) -> Any:
        """The value of an answer: of a model's message, of words, or of an object.

        Raises:
            OutputInvalid: It has not the form that was asked for, was refused or cut off.
        """
        if isinstance(answer, Message):
            value, text = _of_message(self.shape, answer), answer.text
        elif isinstance(answer, str):
            value, text = self.shape.value(answer), answer
        else:
            value, text = self.shape.checked(answer), repr(answer)
        if self._check is not None:
            try:
                given = self._check(value)
                if inspect.isawaitable(given):
                    await given
            except ValueError as error:
                raise OutputInvalid.of(self.shape.name, text, [str(error)]) from error
        return value


def output_of(output: Any) -> Output | None:
    """What an answer is to be, by an ``output=`` that may be left out.

    Raises:
        ConfigurationError: It cannot be described.
    """
    return None if output is None else Output.of(output)


class OutputReader:
    """Reads the answer in the frames of one reply.

    Args:
        output: What it is to be.
        run_id: The run's name, for the events.
    """

    def __init__(self, output: Output, run_id: str) -> None:
        self._reader = output.shape.reader(run_id)

    def feed(self, frame: Any) -> list[PartialOutput | OutputElement]:
        """The events that a frame makes due."""
        if type(frame) is TextDelta:
            return self._reader.feed(frame.text)
        return self._reader.flush() if isinstance(frame, End) else []


def _shape_of(kind: Any, name: str | None) -> Shape:
    if kind is str:
        return Words()
    if isinstance(kind, Shape) and not isinstance(kind, type):
        return kind
    try:
        return TypedShape(kind, name)
    except pydantic.errors.PydanticUserError as error:
        raise ConfigurationError(f"output={kind!r} cannot be validated: {error.message}") from error


def _of_message(shape: Shape, message: Message) -> Any:
    reason, text = message.finish_reason, message.text
    if reason in ("refusal", "content_filter"):
        who = "The model refused to answer" if reason == "refusal" else "The answer was filtered"
        raise OutputInvalid(
            f"{who}, so there is no {shape.name}. It said: {text or 'nothing'}",
            text=text,
            final=True,
        )
    try:
        return shape.value(text)
    except OutputInvalid as error:
        if reason != "length":
            raise
        raise OutputInvalid(
            f"The answer was cut off at the token limit, so there is no whole {shape.name}. Raise "
            "max_tokens, or ask for less at once. What had come is in .text.",
            text=text,
            errors=error.errors,
            final=True,
        ) from error
