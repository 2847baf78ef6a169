"""A provider's answer that a model cannot do something, out of each provider's own words."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import pytest

from nbagent.errors import InvalidRequest, ProviderError, UnsupportedCapability
from nbagent.messages import ToolSpec
from nbagent.providers import AnthropicClient, GeminiClient, OpenAIChatClient, OpenAIResponsesClient
from nbagent.providers.unsupported import ADVICE, PARAMS, PATTERNS, lacking, unsupported
from nbagent.testing import FakeServer, reply_json

TOOLS, IMAGES, OUTPUT, REASONING = "tools", "images", "structured output", "reasoning"
ANSWERS = {
    # Status, body, what is lacking.
    "OpenRouter, tools": (404, {"error": {"message": 'No endpoints found that support tool use. Try disabling "f". To learn more about provider routing, visit: https://openrouter.ai/docs', "code": 404}}, TOOLS),
    "OpenRouter, images": (404, {"error": {"message": "No endpoints found that support image input", "code": 404}}, IMAGES),
    "OpenRouter, choice": (404, {"error": {"message": "No endpoints found that support the provided 'tool_choice' value.", "code": 404}}, "a forced call"),
    "vLLM, tools": (400, {"object": "error", "message": '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', "type": "BadRequestError", "param": None, "code": 400}, TOOLS),
    "vLLM, images": (400, {"object": "error", "message": "/models/m is not a multimodal model", "code": 400}, IMAGES),
    "Groq, tools": (400, {"error": {"message": "`tool calling` is not supported with this model", "type": "invalid_request_error", "param": "tool calling"}}, TOOLS),
    "Groq, output": (400, {"error": {"message": "This model does not support response format `json_schema`.", "type": "invalid_request_error", "param": "response_format"}}, OUTPUT),
    "DeepSeek, tools": (400, {"error": {"message": "deepseek-reasoner does not support Function Calling", "type": "invalid_request_error"}}, TOOLS),
    "DeepSeek, output": (400, {"error": {"message": "This response_format type is unavailable now", "type": "invalid_request_error"}}, OUTPUT),
    "DeepSeek, images": (422, {"error": {"message": "Failed to deserialize the JSON body into the target type: messages[0]: unknown variant `image_url`, expected `text` at line 1 column 9", "type": "invalid_request_error"}}, IMAGES),
    "Mistral, tools": (400, {"object": "error", "message": "Function calling is not enabled for this model", "type": "invalid_request_error"}, TOOLS),
    "LM Studio, images": (400, {"error": "Model does not support images. Please use a model that does."}, IMAGES),
    "llama.cpp, tools": (400, {"error": {"code": 400, "message": "tools param requires --jinja flag", "type": "invalid_request_error"}}, TOOLS),
    "llama.cpp, images": (501, {"error": {"code": 501, "message": "image input is not supported - hint: you may need to provide the mmproj", "type": "not_supported_error"}}, IMAGES),
    "Gemini, tools": (400, {"error": {"code": 400, "message": "Function calling is not enabled for models/gemma-3-12b-it", "status": "INVALID_ARGUMENT"}}, TOOLS),
    "Gemini in a list": (400, [{"error": {"code": 400, "message": "Function calling is not enabled for models/gemma-3-12b-it", "status": "INVALID_ARGUMENT"}}], TOOLS),
    "Gemini, output": (400, {"error": {"code": 400, "message": "JSON mode is not enabled for models/gemma-3-12b-it", "status": "INVALID_ARGUMENT"}}, OUTPUT),
    "Vertex, reasoning": (400, {"error": {"code": 400, "message": "Unable to submit request because thinking is not configurable in this model; please remove the thinking_config setting", "status": "INVALID_ARGUMENT"}}, REASONING),
    "Anthropic, tools": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "'claude-2.1' does not support tools."}}, TOOLS),
    "Anthropic, reasoning": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "adaptive thinking is not supported on this model"}}, REASONING),
    "Ollama, tools": (400, {"error": "registry.ollama.ai/library/gemma3:4b does not support tools"}, TOOLS),
    "Ollama, reasoning": (400, {"error": '"llama3" does not support thinking'}, REASONING),
    "Ollama's cloud, images": (400, {"error": "this model does not support image input (ref: b8bd630e)"}, IMAGES),
    "xAI, reasoning": (400, "Model grok-4.20-0309-non-reasoning does not support parameter reasoningEffort.", REASONING),
    "OpenAI, by its code": (400, {"error": {"message": "No.", "type": "invalid_request_error", "param": "tools", "code": "unsupported_parameter"}}, TOOLS),
    "OpenAI, reasoning": (400, {"error": {"message": "Unsupported parameter: 'reasoning.effort' is not supported with this model.", "param": "reasoning.effort", "code": "unsupported_parameter"}}, REASONING),
    "OpenAI, output": (400, {"error": {"message": "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.", "param": None}}, OUTPUT),
    "OpenAI, tools": (400, {"error": {"message": "tools is not supported in this model. For a list of supported models, refer to", "param": None}}, TOOLS),
    "OpenAI, tools beside reasoning": (400, {"error": {"message": "Function tools with reasoning_effort are not supported for gpt-5.6-terra in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.", "param": "reasoning_effort", "code": None}}, "tools beside reasoning"),
}  # fmt: skip
OTHERS = {
    "another parameter": (400, {"error": {"message": "Unsupported parameter: 'max_tokens' is not supported with this model.", "param": "max_tokens", "code": "unsupported_parameter"}}),
    "a schema": (400, {"error": {"message": "tools.0.custom: input_schema does not support oneOf, allOf, or anyOf at the top level"}}),
    "a format of images": (400, {"error": {"message": "messages.34: Image format image/png not supported"}}),
    "a mode of the API": (400, {"error": {"message": "Function calling mode `ANY` is not enabled for api version v1beta"}}),
    "tools beside a form": (400, {"error": {"message": "Function calling with a response mime type: 'application/json' is unsupported"}}),
    "a bad call of the model": (400, {"error": {"message": "Failed to call a function. Please adjust your prompt.", "code": "tool_use_failed"}}),
    "no such model": (404, {"error": {"message": "The model `m` does not exist"}}),
    "a server that failed": (500, {"error": {"message": "does not support tools"}}),
    "a limit": (429, {"error": {"message": "does not support tools"}}),
    "no body": (400, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_what_a_model_lacks(name):
    """Each provider's way of saying it is understood."""
    status, body, lack = ANSWERS[name]
    assert lacking(status, body) == lack


@pytest.mark.parametrize("name", OTHERS)
def test_other_answers_are_not_that(name):
    """Words alone do not make an error of another kind one of this."""
    status, body = OTHERS[name]
    assert lacking(status, body) is None
    assert unsupported("P", ProviderError("no", status=status, body=body)) is None


def test_there_is_advice_for_everything():
    """Whatever is lacking, the error says what to do."""
    assert {lack for lack, _ in PATTERNS} | set(PARAMS.values()) <= ADVICE.keys()


CLIENTS = [OpenAIChatClient, OpenAIResponsesClient, AnthropicClient, GeminiClient]


@pytest.mark.parametrize("client", CLIENTS)
async def test_every_client_says_it(client):
    """The error names both other ways to call tools, and has the provider's answer as its cause."""
    reply = reply_json({"error": {"message": "This model does not support tools."}}, status=400)
    with FakeServer([reply]) as server:
        base = server.url if "OpenAI" in client.__name__ else server.url.removesuffix("/v1")
        asking = client("key", base)
        with pytest.raises(UnsupportedCapability) as caught:
            _ = [frame async for frame in asking.stream("hi", model="m", tools=[ToolSpec("f")])]
    assert 'tool_calling="schema"' in str(caught.value)
    assert '"prompted"' in str(caught.value)
    assert f"{asking.label} says: This model does not support tools. Give" in str(caught.value)
    assert isinstance(caught.value.__cause__, InvalidRequest) and caught.value.lacking == "tools"
