"""`Tool`: a function with all that is needed to offer it to a model and to run its calls."""

from __future__ import annotations

import concurrent.futures
import functools
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from typing_extensions import Self

from nbagent.errors import ToolArgumentsError, ToolError, ToolSchemaError
from nbagent.messages import ToolSpec
from nbagent.tools.arguments import Arguments, decode, validate
from nbagent.tools.context import ToolContext
from nbagent.tools.docstrings import Described
from nbagent.tools.for_model import LIMIT
from nbagent.tools.naming import checked_name, described, name_of
from nbagent.tools.outputs import ToolResult
from nbagent.tools.place import OwnThread, Place, Pool
from nbagent.tools.remote import RemoteRunning, shares_memory
from nbagent.tools.rendering import Render
from nbagent.tools.running import Running
from nbagent.tools.schema import BoundCall, Schema
from nbagent.tools.signature import UnresolvedName, caller_names, parameters, takes_instance
from nbagent.tools.strict import with_strict_rules, without_stand_ins
from nbagent.tools.variables import names_to_come

__all__ = ["Approve", "Options", "Tool"]

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")
S = TypeVar("S")
Approve = bool | Callable[[dict[str, Any]], bool]
Example = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Options:
    """How a tool is to be offered and run; the keywords of `nbagent.tools.tool`."""

    name: str | None = None
    description: str | None = None
    approve: Approve = False
    timeout: float | None = None
    thread: bool = False
    run_on: concurrent.futures.Executor | None = None
    render: Render | None = None
    examples: tuple[Example, ...] = ()
    strict: bool = False
    text_limit: int = LIMIT


class Tool(Generic[P, R]):
    """A function that a model may call, and that is still called like the function it wraps.

    Made by the `nbagent.tools.tool` decorator or by `Tool.of`. As an attribute of a class it binds
    like a method.

    Attributes:
        name: What the model calls it by.
        description: What the model is told of it.
        function: The function itself.
        options: How it was decorated.

    Raises:
        ToolSchemaError: It has no usable name, or a parameter cannot be described to a model.
    """

    __name__: str
    __qualname__: str
    __wrapped__: Callable[P, R]

    def __init__(self, function: Callable[P, R], options: Options | None = None) -> None:
        plain: Any = function
        self._static = isinstance(plain, staticmethod)
        if self._static:
            plain = plain.__func__
        # A callable object's own attributes stay its own; a function's come along.
        updated = functools.WRAPPER_UPDATES if inspect.isfunction(plain) else ()
        functools.update_wrapper(self, plain, updated=updated)
        self.function: Callable[P, R] = plain
        self.options = options or Options()
        inner: Any = plain.__func__ if isinstance(plain, classmethod) else plain
        self._unbound = isinstance(plain, classmethod) or (
            not self._static and takes_instance(inner)
        )
        self._inner = inner
        self._names = caller_names(inner)
        words = described(inner)
        self.name = checked_name(self.options.name or name_of(inner))
        self.description = self.options.description or words.summary
        self._state = _State()
        self._describe_now(words)

    @classmethod
    def of(cls, value: Any) -> Tool[..., Any]:
        """A tool from a tool, a function, or anything else that can be called.

        Raises:
            ToolSchemaError: It cannot be called, or cannot be described to a model.
        """
        if isinstance(value, Tool):
            return value
        if isinstance(value, types.MethodType) and isinstance(value.__func__, Tool):
            # A classmethod around a tool, from Python 3.13 on.
            bound: Tool[..., Any] = value.__func__.__get__(value.__self__)
            return bound
        if not callable(value):
            raise ToolSchemaError(
                f"{value!r} cannot be a tool: a tool is a function or another object that can "
                "be called."
            )
        return cls(value)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function as if it were not decorated."""
        return self.function(*args, **kwargs)

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Tool[P, R]: ...

    @overload
    def __get__(
        self: Tool[Concatenate[S, Q], R], instance: S, owner: type[Any] | None = None
    ) -> Tool[Q, R]: ...

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        """As a method: the same tool, bound to the instance (or class)."""
        if self._static or not hasattr(self.function, "__get__"):
            return self
        function = self.function.__get__(instance, owner)
        if function is self.function:
            return self
        bound = object.__new__(type(self))  # `copy` would go by `__reduce__`: to this very tool
        bound.__dict__.update(self.__dict__)  # the schema is shared: it never had `self` in it
        bound.function = bound.__wrapped__ = function
        bound._unbound = False
        return bound

    def renamed(self, name: str) -> Self:
        """The same tool under another name.

        Raises:
            ToolSchemaError: Providers do not take the name.
        """
        other = object.__new__(type(self))  # as in `__get__`
        other.__dict__.update(self.__dict__)
        other.name = checked_name(name)
        other.options = replace(self.options, name=other.name)
        # The schema is of the parameters; only the spec carries the name, and is made anew.
        other._state = replace(self._state, spec=None)
        return other

    def __reduce__(self) -> str:
        # By name, as functions are pickled: a worker process finds the tool in its module.
        return str(self.__qualname__)

    def __repr__(self) -> str:
        return f"<Tool {self.name}>"

    @property
    def approve(self) -> Approve:
        """Whether a person must say yes first, or the function that decides it."""
        return self.options.approve

    @property
    def timeout(self) -> float | None:
        """Seconds that a call may take."""
        return self.options.timeout

    @property
    def spec(self) -> ToolSpec:
        """The tool as a model sees it.

        Raises:
            ToolSchemaError: An annotation names something that still does not exist.
        """
        # Where variables are offered by name, it is the spec of the names of now.
        offered = tuple(offer.names() for offer in self._schema().offers)
        if self._state.spec is None or offered != self._state.offered:
            self._state.spec, self._state.offered = self._make_spec(), offered
        return self._state.spec

    def validate(self, arguments: Arguments) -> dict[str, Any]:
        """Check arguments and give the values that the function would get, by name.

        Args:
            arguments: JSON text or a mapping. Empty text, ``"null"`` and None mean none.

        Raises:
            ToolArgumentsError: Names each field, what came and what is wanted.
        """
        return self._bind(arguments, ToolContext()).by_name

    def needs_approval(self, arguments: Arguments) -> bool:
        """Whether a person has to say yes first. ``approve=`` gets the validated arguments.

        Raises:
            ToolArgumentsError: The arguments do not fit.
            ToolError: The function given as ``approve=`` raised.
        """
        approve = self.options.approve
        if not callable(approve):
            return bool(approve)
        values = self.validate(arguments)
        try:
            return bool(approve(values))
        except Exception as error:
            raise ToolError(
                f"The approve= function of tool {self.name!r} raised {type(error).__name__}: "
                f"{error}. The call was not run."
            ) from error

    async def invoke(self, arguments: Arguments, context: ToolContext | None = None) -> ToolResult:
        """Validate the arguments, run the function and give its result in both its sides.

        Whatever the function raises is in the result. A coroutine that is cancelled raises
        `asyncio.CancelledError` as ever.

        Args:
            arguments: JSON text or a mapping. Empty text, ``"null"`` and None mean none.
            context: Where it runs and who listens.

        Raises:
            ToolArgumentsError: Before anything runs: names each field, what came, what is wanted.
            ToolSchemaError: It is a method without its instance, or names what does not exist.
        """
        context = context if context is not None else ToolContext()
        if self._unbound:
            raise ToolSchemaError(
                f"Tool {self.name!r} is a method of a class: take it from an instance "
                f"(obj.{self.name}) to call it."
            )
        bound = self._bind(arguments, context)
        running = self._running(bound, context)
        return await running.at(self._place(context), self.options.timeout)

    def _running(self, bound: BoundCall, context: ToolContext) -> Running:
        options, executor = self.options, self.options.run_on
        parts = (self.name, self.function, bound, context, options.render, options.text_limit)
        if executor is None or shares_memory(executor):
            return Running(*parts)
        return RemoteRunning(*parts, executor, self)

    def _place(self, context: ToolContext) -> Place:
        executor = self.options.run_on
        if executor is not None and shares_memory(executor):
            return Pool(executor)
        return OwnThread() if self.options.thread else context.place

    def _bind(self, arguments: Arguments, context: ToolContext) -> BoundCall:
        schema = self._schema()
        data = schema.spread(decode(self.name, arguments))
        if self.options.strict:
            data = without_stand_ins(data, schema.json, schema.json)
        as_text = isinstance(arguments, (str, bytes))
        return schema.call(validate(self.name, schema.model, data, text=as_text), context)

    def _schema(self) -> Schema:
        if self._state.schema is None:
            try:
                self._state.schema = self._make_schema(described(self._inner))
            except UnresolvedName as error:
                raise ToolSchemaError(
                    f"Tool {self.name!r}: {error}, which does not exist. Define it before the "
                    "tool is used."
                ) from error
        return self._state.schema

    def _make_schema(self, words: Described) -> Schema:
        found = parameters(self._inner, self._names, skip_first=self._unbound)
        schema = Schema(self.name, found, words.parameters)
        executor = self.options.run_on
        remote = executor is not None and not shares_memory(executor)
        if schema.takes_context and remote:
            raise ToolSchemaError(
                f"Tool {self.name!r} takes a ToolContext and runs in another process, where it "
                "cannot be reached. Leave out the parameter, or run_on=."
            )
        return schema

    def _describe_now(self, words: Described) -> None:
        """At decoration, so that errors come where the mistake is; later for names yet to come."""
        try:
            self._state.schema = self._make_schema(words)
        except UnresolvedName:
            return
        self._state.spec = self._make_spec()

    def _make_spec(self) -> ToolSpec:
        schema, examples = self._schema().now(), self.options.examples
        with names_to_come():
            for example in examples:
                self._check_example(example)
        if self._schema().offers:
            examples = tuple(example for example in examples if self._fits(example[1]))
        shown = with_strict_rules(schema, self.name) if self.options.strict else schema
        return ToolSpec(self.name, self.description, shown, self.options.strict, examples)

    def _fits(self, arguments: Mapping[str, Any]) -> bool:
        """Whether an example can be called now: one of a variable yet to come would mislead."""
        try:
            self.validate(arguments)
        except ToolArgumentsError:
            return False
        return True

    def _check_example(self, example: Any) -> None:
        well_formed = isinstance(example, tuple) and len(example) == 2
        if not well_formed or not isinstance(example[1], Mapping):
            raise ToolSchemaError(
                f"Tool {self.name!r}: an example is a pair of a request and its arguments, such as "
                f'("average mpg?", {{"column": "mpg"}}); got {example!r}.'
            )
        try:
            self.validate(example[1])
        except ToolArgumentsError as error:
            raise ToolSchemaError(
                f"Tool {self.name!r}: the example {example[0]!r} would teach the model a call that "
                f"fails. {error}"
            ) from error


@dataclass(slots=True)
class _State:
    """What is made once and shared by a tool and its bound forms."""

    schema: Schema | None = None
    spec: ToolSpec | None = None
    offered: tuple[tuple[str, ...], ...] = ()
