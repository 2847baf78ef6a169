"""Clients: one for each wire protocol."""

from nbagent.providers.anthropic import AnthropicClient
from nbagent.providers.gemini import GeminiClient
from nbagent.providers.ollama import OllamaClient
from nbagent.providers.openai_chat import OpenAIChatClient
from nbagent.providers.openai_responses import OpenAIResponsesClient
from nbagent.providers.transport import Timeouts

__all__ = [
    "AnthropicClient",
    "GeminiClient",
    "OllamaClient",
    "OpenAIChatClient",
    "OpenAIResponsesClient",
    "Timeouts",
]
