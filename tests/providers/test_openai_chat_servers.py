"""Streams as other servers of the chat completions write them, cut at every byte."""

# ruff: noqa: E501 - one chunk a line is easier to read and to compare

import json

import pytest

from nbagent.errors import ProviderStreamError
from nbagent.frames import End, ReasoningComplete, TextComplete, ToolCallComplete
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Prompt, ReasoningPart, Usage
from nbagent.providers.openai_chat_decoder import OpenAIChatDecoder
from nbagent.providers.openai_chat_dialects import DIALECTS, dialect_of
from nbagent.providers.openai_chat_messages import encode_messages
from tests.cutting import each_cut, outcome
from tests.providers.recorded import decoded, sse

OPENROUTER = b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" + sse(
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Let me","reasoning_details":[{"type":"reasoning.text","text":"Let me","format":"anthropic-claude-v1","index":0}]},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]}',
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":" look.","reasoning_details":[{"type":"reasoning.text","text":" look.","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}',
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":null,"reasoning_details":[{"type":"reasoning.text","signature":"EqQB","format":"anthropic-claude-v1","index":0}]},"finish_reason":null}]}',
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"I look."},"finish_reason":null}]}',
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":"{\\"x\\": 1}"}}]},"finish_reason":null}]}',
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"tool_calls","native_finish_reason":"tool_use"}]}',
    '{"id":"gen-1","provider":"Anthropic","model":"anthropic/claude-sonnet-4.5","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"cost":0.0001,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":3}}}',
    "[DONE]",
)
ENCRYPTED = sse(
    '{"id":"gen-2","model":"openai/gpt-5","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"**Plan**","reasoning_details":[{"type":"reasoning.summary","summary":"**Plan**","format":"openai-responses-v1","index":0}]},"finish_reason":null}]}',
    '{"id":"gen-2","model":"openai/gpt-5","choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]}',
    '{"id":"gen-2","model":"openai/gpt-5","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_details":[{"type":"reasoning.encrypted","data":"gAAA","id":"rs_1","format":"openai-responses-v1","index":0}]},"finish_reason":"stop"}]}',
    "[DONE]",
)
MISTRAL = sse(
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"magistral-medium-latest","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}',
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"magistral-medium-latest","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]},"finish_reason":null}]}',
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"magistral-medium-latest","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"."}],"closed":true}]},"finish_reason":null}]}',
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"magistral-medium-latest","choices":[{"index":0,"delta":{"content":[{"type":"text","text":"Hi"}]},"finish_reason":null}]}',
    '{"id":"c","object":"chat.completion.chunk","created":1,"model":"magistral-medium-latest","choices":[{"index":0,"delta":{"content":"!","tool_calls":[{"id":"AbC123xyZ","function":{"name":"f","arguments":"{\\"x\\": 1}"},"index":0}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"total_tokens":16,"completion_tokens":7}}',
    "[DONE]",
)
DEEPSEEK = b": keep-alive\n\n" + sse(
    '{"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":null,"reasoning_content":""},"logprobs":null,"finish_reason":null}]}',
    '{"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":null,"reasoning_content":"Hm"},"logprobs":null,"finish_reason":null}]}',
    '{"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"logprobs":null,"finish_reason":null}]}',
    '{"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_00","type":"function","function":{"name":"f","arguments":""}}]},"logprobs":null,"finish_reason":null}]}',
    '{"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"x\\": 1}"}}]},"logprobs":null,"finish_reason":null}]}',
    '{"id":"d","object":"chat.completion.chunk","created":1,"model":"deepseek-v4-pro","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"","reasoning_content":null},"logprobs":null,"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":2},"completion_tokens_details":{"reasoning_tokens":3},"prompt_cache_hit_tokens":2,"prompt_cache_miss_tokens":7}}',
    "[DONE]",
)
GROQ = sse(
    '{"id":"g","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-120b","system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":null},"logprobs":null,"finish_reason":null}],"x_groq":{"id":"req_1"}}',
    '{"id":"g","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-120b","system_fingerprint":"fp","choices":[{"index":0,"delta":{"reasoning":"Hm","channel":"analysis"},"logprobs":null,"finish_reason":null}]}',
    '{"id":"g","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-120b","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,"finish_reason":null}]}',
    '{"id":"g","object":"chat.completion.chunk","created":1,"model":"openai/gpt-oss-120b","system_fingerprint":"fp","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.1,"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"completion_tokens_details":{"reasoning_tokens":3}}}}',
    "[DONE]",
)
AZURE = sse(
    '{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}',
    '{"choices":[{"content_filter_results":{},"delta":{"content":"","refusal":null,"role":"assistant"},"finish_reason":null,"index":0,"logprobs":null}],"created":1,"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp"}',
    '{"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},"delta":{"content":"Hi"},"finish_reason":null,"index":0,"logprobs":null}],"created":1,"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp"}',
    '{"choices":[{"content_filter_offsets":{"check_offset":1,"start_offset":1,"end_offset":3},"content_filter_results":{},"delta":{},"finish_reason":null,"index":0}],"created":0,"id":"","model":"","object":""}',
    '{"choices":[{"content_filter_results":{},"delta":{},"finish_reason":"stop","index":0,"logprobs":null}],"created":1,"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp"}',
    '{"choices":[],"created":1,"id":"chatcmpl-1","model":"gpt-4o-2024-08-06","object":"chat.completion.chunk","system_fingerprint":"fp","usage":{"completion_tokens":7,"prompt_tokens":9,"total_tokens":16}}',
    "[DONE]",
)
GEMINI = sse(
    '{"choices":[{"delta":{"content":"<thought>Hm","extra_content":{"google":{"thought":true}},"role":"assistant"},"index":0}],"created":1,"id":"e","model":"gemini-3-flash-preview","object":"chat.completion.chunk"}',
    '{"choices":[{"delta":{"content":"</thought>","extra_content":{"google":{"thought":true}},"role":"assistant"},"index":0}],"created":1,"id":"e","model":"gemini-3-flash-preview","object":"chat.completion.chunk"}',
    '{"choices":[{"delta":{"role":"assistant","tool_calls":[{"extra_content":{"google":{"thought_signature":"EjQK"}},"function":{"arguments":"{\\"x\\":1}","name":"f"},"id":"jm4owj31","type":"function"}]},"index":0}],"created":1,"id":"e","model":"gemini-3-flash-preview","object":"chat.completion.chunk"}',
    '{"choices":[{"delta":{"role":"assistant","tool_calls":[{"function":{"arguments":"{\\"x\\":2}","name":"f"},"id":"k2","type":"function","index":0}]},"finish_reason":"stop","index":0}],"created":1,"id":"e","model":"gemini-3-flash-preview","object":"chat.completion.chunk","usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16}}',
    "[DONE]",
)
VLLM = sse(
    '{"id":"v","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"prompt_token_ids":null}',
    '{"id":"v","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"reasoning":"Hm","reasoning_content":"Hm"},"logprobs":null,"finish_reason":null,"token_ids":null}]}',
    '{"id":"v","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"tool_calls":[{"id":"chatcmpl-tool-1","type":"function","index":0,"function":{"name":"f"}}]},"logprobs":null,"finish_reason":null}]}',
    '{"id":"v","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"x\\": 1}"}}]},"logprobs":null,"finish_reason":null}]}',
    '{"id":"v","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[{"index":0,"delta":{"content":""},"logprobs":null,"finish_reason":"tool_calls","stop_reason":null}]}',
    '{"id":"v","object":"chat.completion.chunk","created":1,"model":"Qwen/Qwen3-8B","choices":[],"usage":{"prompt_tokens":9,"total_tokens":16,"completion_tokens":7}}',
    "[DONE]",
)
CEREBRAS = sse(
    '{"id":"x","choices":[{"delta":{"role":"assistant"},"index":0}],"created":1,"model":"gpt-oss-120b","system_fingerprint":"fp","object":"chat.completion.chunk"}',
    '{"id":"x","choices":[{"delta":{"reasoning":"Hm"},"index":0}],"created":1,"model":"gpt-oss-120b","system_fingerprint":"fp","object":"chat.completion.chunk"}',
    '{"id":"x","choices":[{"delta":{"content":"Hi"},"index":0}],"created":1,"model":"gpt-oss-120b","system_fingerprint":"fp","object":"chat.completion.chunk"}',
    '{"id":"x","choices":[{"delta":{},"finish_reason":"stop","index":0}],"created":1,"model":"gpt-oss-120b","object":"chat.completion.chunk","usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16},"time_info":{"queue_time":0.1}}',
    "[DONE]",
)
CALL = ("f", '{"x": 1}')
SERVERS = {
    # Bytes, the reasoning, the words, the calls.
    "OpenRouter": (OPENROUTER, "Let me look.", "I look.", [CALL]),
    "OpenRouter, encrypted": (ENCRYPTED, "**Plan**", "Hi", []),
    "Mistral": (MISTRAL, "Hm.", "Hi!", [CALL]),
    "DeepSeek": (DEEPSEEK, "Hm", "", [CALL]),
    "Groq": (GROQ, "Hm", "Hi", []),
    "Azure": (AZURE, "", "Hi", []),
    "Gemini": (GEMINI, "Hm", "", [("f", '{"x":1}'), ("f", '{"x":2}')]),
    "vLLM": (VLLM, "Hm", "", [CALL]),
    "Cerebras": (CEREBRAS, "Hm", "Hi", []),
}


def message_of(data):
    """The message that a stream makes up."""
    builder = MessageBuilder()
    for frame in decoded(OpenAIChatDecoder(), data):
        builder.feed(frame)
    return builder.message


@pytest.mark.parametrize("name", SERVERS)
def test_streams_of_each_server(name):
    """Reasoning, words and calls are right, and the same wherever the bytes are cut."""
    data, reasoning, words, calls = SERVERS[name]
    frames = decoded(OpenAIChatDecoder(), data)
    assert "".join(f.text for f in frames if isinstance(f, ReasoningComplete)) == reasoning
    assert "".join(f.text for f in frames if isinstance(f, TextComplete)) == words
    assert [(f.name, f.arguments) for f in frames if isinstance(f, ToolCallComplete)] == calls
    assert [isinstance(frame, End) for frame in frames].count(True) == 1
    want = outcome(OpenAIChatDecoder(), [data])
    for pieces in each_cut(data):
        assert outcome(OpenAIChatDecoder(), pieces) == want


@pytest.mark.parametrize("name", [name for name in SERVERS if name != "OpenRouter, encrypted"])
def test_usage_of_each_server(name):
    """Wherever it is written."""
    usage = message_of(SERVERS[name][0]).usage
    assert (usage.input_tokens, usage.output_tokens) == (9, 7)
    if name in ("OpenRouter", "DeepSeek"):
        assert usage == Usage(9, 7, 2, 3)


def test_azure_names_the_model_once_it_does():
    """Its first chunk, about the prompt, has an empty name and id."""
    message = message_of(AZURE)
    assert (message.model, message.response_id) == ("gpt-4o-2024-08-06", "chatcmpl-1")


def test_openrouters_reasoning_goes_back():
    """The fragments of the details are joined, with their signature, and sent as they came."""
    message = message_of(OPENROUTER)
    (sent,) = encode_messages(Prompt((message,)), DIALECTS["openrouter"])
    detail = {"type": "reasoning.text", "text": "Let me look.", "signature": "EqQB"}
    detail |= {"format": "anthropic-claude-v1", "index": 0}
    assert sent["reasoning_details"] == [detail]
    thought = next(part for part in message.parts if isinstance(part, ReasoningPart))
    assert thought.text == "Let me look."


def test_encrypted_reasoning_goes_back():
    """Data that comes behind the words is kept too, apart from the summary before it."""
    (sent,) = encode_messages(Prompt((message_of(ENCRYPTED),)), DIALECTS["openrouter"])
    assert [each["type"] for each in sent["reasoning_details"]] == [
        "reasoning.summary",
        "reasoning.encrypted",
    ]
    assert sent["reasoning_details"][1]["data"] == "gAAA"


def test_details_without_reasoning_beside_them():
    """Where the words are in the details alone, they are read there; a summary stays one."""
    details = [{"type": "reasoning.text", "text": "Hm", "index": 0}]
    summary = [{"type": "reasoning.summary", "summary": "S", "index": 1}]
    chunks = [{"choices": [{"delta": {"reasoning_details": each}}]} for each in (details, summary)]
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    message = message_of(sse(*map(json.dumps, [*chunks, end])))
    (part,) = message.parts
    assert (part.text, part.summary) == ("Hm", "S")
    assert json.loads(part.signature) == [*details, *summary]


def test_mistrals_thoughts_go_back():
    """As the chunk of the content that they were."""
    (sent,) = encode_messages(Prompt((message_of(MISTRAL),)), DIALECTS["mistral"])
    assert sent["content"][0] == {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    assert sent["tool_calls"][0]["id"] == "AbC123xyZ"


def test_geminis_signature_goes_back():
    """With the call that it came with; two calls without an index, or with the same, stay two."""
    dialect = dialect_of("https://generativelanguage.googleapis.com/v1beta/openai")
    (sent,) = encode_messages(Prompt((message_of(GEMINI),)), dialect)
    first, second = sent["tool_calls"]
    assert first["extra_content"] == {"google": {"thought_signature": "EjQK"}}
    assert "extra_content" not in second
    assert (first["id"], second["id"]) == ("jm4owj31", "k2")


@pytest.mark.parametrize(
    ("chunk", "words"),
    [
        ('{"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}],"error":{"code":502,"message":"Provider disconnected","metadata":{"provider_name":"X"}}}', "Provider disconnected"),
        ('{"id":"gen-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","error":{"code":502,"message":"Upstream failed"}}]}', "Upstream failed"),
        ('{"id":"g","choices":[{"index":0,"delta":{},"finish_reason":null}],"x_groq":{"id":"r","error":"over capacity"}}', "over capacity"),
    ],
)  # fmt: skip
def test_errors_in_mid_stream(chunk, words):
    """OpenRouter's and Groq's ways to say that it is over; what had come is kept."""
    before = '{"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"}}]}'
    with pytest.raises(ProviderStreamError, match=words) as caught:
        decoded(OpenAIChatDecoder(), sse(before, chunk, "[DONE]"))
    assert caught.value.partial.text == "Hi"
