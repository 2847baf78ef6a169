"""What the page asks for that takes longer, may fail, or is answered: files, commands, switches.

Each of it goes to work on the I/O thread, and the page hears how it went: what cannot be asked is
given back to the person who wrote it.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from abc import abstractmethod
from collections.abc import Coroutine, Sequence
from typing import Any

from nbagent.agent.content import content_of, refuse_unseen
from nbagent.agent.io_thread import io_loop
from nbagent.agent.received import received
from nbagent.errors import ConfigurationError, NbagentError
from nbagent.models import Model
from nbagent.notebook.changing import Changing
from nbagent.notebook.exporting import Exporting
from nbagent.notebook.offering import Offering
from nbagent.tools.cells import exception_text
from nbagent.widget.commands import Ask, CallAgain, Clear, Command, Export, Switch, Use
from nbagent.widget.incoming import ReceivedFile

__all__ = ["Commanding"]

_log = logging.getLogger("nbagent")

ASKED = None  # a question is on its way, which says more than any words


class Commanding(Offering, Changing, Exporting):
    """The part of `Agent` that does what the page asks for, and answers."""

    @abstractmethod
    def reset(self) -> None:
        """Empties the conversation, here and in the widget."""

    def _commanded(self, command: Command) -> bool:
        """Begins what a command asks for; False if it is none of these. Returns at once."""
        work: Coroutine[Any, Any, str | None]
        if isinstance(command, Ask):
            work = self._ask_with(command, [command.text] if command.text.strip() else [])
        elif isinstance(command, Use):
            work = self._use(command)
        elif isinstance(command, CallAgain):
            work = self._call_again(command.tool_call_id)
        elif isinstance(command, Clear):
            work = self._clear()
        elif isinstance(command, Switch):
            work = self._switch(command.model)
        elif isinstance(command, Export):
            work = self._export(command.path)
        else:
            return False
        done = asyncio.run_coroutine_threadsafe(work, io_loop())
        done.add_done_callback(lambda done: self._answer(command.id, done))
        return True

    async def _ask_with(self, command: Ask | Use, words: Sequence[Any]) -> str | None:
        """Asks with the files that came with it."""
        files = self.widget.take_files(command.files)
        await self._ask_about(words, files)
        return ASKED

    async def _ask_about(self, words: Sequence[Any], files: Sequence[ReceivedFile]) -> None:
        # Reading a table takes its time, which nobody's stream should wait for.
        found = await asyncio.to_thread(received, [(file.name, file.data) for file in files])
        asked = [*words, *(each.part for each in found)]
        content = content_of(asked)
        refuse_unseen(self.model, content)
        for each in found:
            each.bind(self._engine.settings.shown)
        self._engine.start(content, loop=io_loop())

    async def _use(self, command: Use) -> str | None:
        if command.name not in self.commands:
            raise ConfigurationError(f"There is no command /{command.name} any more.")
        place = self._engine.place
        slash = self.commands[command.name]
        try:
            question = await slash.question(command.text, place)
            if question is None:
                self.widget.take_files(command.files)
                return ""
            # A figure is drawn on the notebook's thread, as everywhere.
            words = await place.run(lambda: content_of(question), _begun)
        except NbagentError:
            raise
        except Exception as error:
            # The person's own code: where it went wrong is for the log, what for the page.
            _log.warning("The command /%s failed.", command.name, exc_info=error)
            raise ConfigurationError(f"/{command.name} failed: {exception_text(error)}") from error
        return await self._ask_with(command, words)

    async def _call_again(self, tool_call_id: str) -> str | None:
        await self._engine.start_call_again(tool_call_id, io_loop())
        return ASKED

    async def _clear(self) -> str | None:
        self.reset()
        return ""

    async def _switch(self, name: str) -> str | None:
        model = Model.of(name.strip())
        executor = self._engine.settings.executor
        if not self._own_executor and model.provider not in executor.providers:
            raise ConfigurationError(
                f"The agent's executor does not reach {model.provider!r}. It reaches: "
                f"{', '.join(executor.providers)}."
            )
        self._change("model", model)
        return f"From now on {model} answers."

    async def _export(self, path: str) -> str | None:
        return f"Saved to {await asyncio.to_thread(self.export, path.strip())}."

    def _answer(self, identity: str, done: concurrent.futures.Future[str | None]) -> None:
        error = done.exception()
        if error is not None and not isinstance(error, NbagentError):
            _log.error("A command of the page failed.", exc_info=error)
        if error is not None:
            text = str(error) if isinstance(error, NbagentError) else exception_text(error)
            self.widget.answer(identity, ok=False, text=text)
        else:
            said = done.result()
            self.widget.answer(identity, ok=True, text=said or "", asked=said is ASKED)


def _begun() -> None:
    """Nobody needs to know when the question is put together."""
