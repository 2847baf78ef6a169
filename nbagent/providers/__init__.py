"""Clients: one for each wire protocol."""

from nbagent.providers.openai_chat import OpenAIChatClient
from nbagent.providers.transport import Timeouts

__all__ = ["OpenAIChatClient", "Timeouts"]
