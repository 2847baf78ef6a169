"""The fake server: what it sends, where it breaks off, what it remembers."""

import json
import time

import httpx
import pytest

from nbagent.frames import End, ReasoningDelta, TextDelta
from nbagent.testing import (
    FakeServer,
    Gate,
    Reply,
    reply_bytes,
    reply_calls,
    reply_error,
    reply_text,
)

QUESTION = {"model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": True}


def chunks(response: httpx.Response) -> list[dict]:
    """The JSON documents of a streamed answer, without the closing [DONE]."""
    lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def ask(server: FakeServer, **options) -> httpx.Response:
    """POST a question to the server's chat completions."""
    return httpx.post(f"{server.url}/chat/completions", json=QUESTION, **options)


def deltas(response: httpx.Response) -> list[dict]:
    """What the choices of a streamed answer add, one for each event."""
    return [chunk["choices"][0]["delta"] for chunk in chunks(response) if chunk["choices"]]


def test_text_arrives_as_chat_completion_chunks():
    """A reply of words is streamed in its pieces, with finish reason, usage and [DONE]."""
    with FakeServer([reply_text("Hello you", pieces=3, reasoning="hm")]) as server:
        response = ask(server)
    assert response.headers["content-type"] == "text/event-stream"
    assert "".join(delta.get("content", "") for delta in deltas(response)) == "Hello you"
    assert "".join(delta.get("reasoning_content", "") for delta in deltas(response)) == "hm"
    assert [c["choices"][0]["finish_reason"] for c in chunks(response) if c["choices"]][
        -1
    ] == "stop"
    assert chunks(response)[-1]["usage"]["prompt_tokens"] == 10


def test_calls_carry_their_id_once_and_their_arguments_in_pieces():
    """Id and name come with a call's first fragment; the fragments join to the arguments."""
    reply = reply_calls(("a", {"x": 1}), ("b", "{broken"), text="So:", pieces=3)
    with FakeServer([reply]) as server:
        found = [call for delta in deltas(ask(server)) for call in delta.get("tool_calls", ())]
    assert [call["id"] for call in found if "id" in call] == ["call_1", "call_2"]
    joined = ["", ""]
    for call in found:
        joined[call["index"]] += call["function"]["arguments"]
    assert joined == ['{"x": 1}', "{broken"]


def test_requests_are_recorded_in_order():
    """Method, path, headers and the decoded body of each request can be read afterwards."""
    with FakeServer(["one", "two"]) as server:
        ask(server, headers={"Authorization": "Bearer test"})
        ask(server)
    first, _ = server.requests
    assert (first.method, first.path, first.body) == ("POST", "/v1/chat/completions", QUESTION)
    assert first.headers["authorization"] == "Bearer test"
    assert "test" not in repr(first)


def test_a_callable_reads_the_request_before_it_answers():
    """A script item may compute its reply from what was asked."""
    with FakeServer(always=lambda request: request.body["messages"][-1]["content"] * 2) as server:
        assert deltas(ask(server))[1] == {"content": "hihi"}


def test_an_empty_script_answers_500_and_says_so():
    """One request more than the script has replies is an error that tells what to do."""
    with FakeServer() as server:
        response = ask(server)
    assert response.status_code == 500
    assert "add()" in response.json()["error"]["message"]


def test_errors_have_status_headers_and_body():
    """An error reply looks as OpenAI-compatible servers send it."""
    reply = reply_error(429, "slow down", code="rate", headers={"retry-after": "1"})
    with FakeServer([reply]) as server:
        response = ask(server)
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    assert response.json()["error"]["code"] == "rate"


def test_models_are_listed_without_taking_a_reply():
    """GET /v1/models works beside the script."""
    with FakeServer(["x"], models=["one", "two"]) as server:
        listed = httpx.get(f"{server.url}/models").json()
        assert [model["id"] for model in listed["data"]] == ["one", "two"]
        assert ask(server).status_code == 200


def test_a_connection_serves_several_requests():
    """Keep-alive works, as pools of real clients expect, with streams and with JSON."""
    script = ["one", reply_error(500), "three"]
    with FakeServer(script) as server, httpx.Client() as client:
        url = f"{server.url}/chat/completions"
        replies = [client.post(url, json=QUESTION) for _ in script]
    assert [reply.status_code for reply in replies] == [200, 500, 200]


@pytest.mark.parametrize("cut", ["every byte", [1, 7, 20]])
def test_cutting_the_bytes_changes_nothing_of_them(cut):
    """The same bytes arrive wherever the writes are cut."""
    reply = reply_calls(("naïve", {"ü": "€"}))
    with FakeServer([reply, reply.with_options(cut=cut)]) as server:
        assert ask(server).content == ask(server).content


def test_cuts_are_where_the_script_says():
    """Each separate write is an HTTP chunk of its own."""
    with (
        FakeServer([reply_bytes(b"abc", b"defgh", cut=[2, 4])]) as server,
        httpx.stream("POST", f"{server.url}/chat/completions", json=QUESTION) as response,
    ):
        assert list(response.iter_raw()) == [b"ab", b"cd", b"efgh"]


@pytest.mark.parametrize("reset", [False, True])
def test_a_break_leaves_the_stream_unfinished(reset):
    """After break_at bytes the connection ends or is reset; what came before has arrived."""
    got = b""
    with FakeServer([reply_bytes(b"0123456789", break_at=4, reset=reset)]) as server:
        url = f"{server.url}/chat/completions"
        with pytest.raises(httpx.HTTPError), httpx.stream("POST", url, json=QUESTION) as response:
            for piece in response.iter_raw():
                got += piece
    assert got == b"0123"


def test_a_break_before_the_headers():
    """break_at=-1 closes the connection without any answer."""
    with FakeServer([Reply(break_at=-1)]) as server, pytest.raises(httpx.RemoteProtocolError):
        ask(server)


def test_without_chunks_a_break_looks_like_an_end():
    """A body that goes on until the connection closes cannot show that it was cut."""
    with FakeServer([reply_bytes(b"0123456789", break_at=4, chunked=False)]) as server:
        assert ask(server).content == b"0123"


def test_a_gate_holds_the_reply_until_it_is_opened():
    """What stands before a gate arrives, what stands behind it only after open()."""
    gate = Gate()
    frames = (TextDelta("be", 0), ReasoningDelta("r", 1), gate, TextDelta("hind", 2), End("stop"))
    with FakeServer([Reply(frames=frames)]) as server:
        url = f"{server.url}/chat/completions"
        with httpx.stream("POST", url, json=QUESTION) as response:
            gate.wait_reached()
            pieces = response.iter_text()
            seen = next(pieces)
            while "reasoning_content" not in seen:
                seen += next(pieces)
            assert "hind" not in seen
            gate.open()
            assert "hind" in seen + "".join(pieces)


def test_a_client_that_leaves_is_noticed_at_once():
    """Closing the connection in mid-stream is recorded with its time and the bytes sent."""
    gate = Gate()
    with FakeServer([Reply(frames=(TextDelta("x", 0), gate, End("stop")))]) as server:
        url = f"{server.url}/chat/completions"
        with httpx.stream("POST", url, json=QUESTION):
            gate.wait_reached()
            reached = time.monotonic()
        # The gate stays shut: it is noticed though nothing more is sent.
        disconnect = server.requests[0].wait_disconnected()
    assert reached <= disconnect.at <= time.monotonic()
    assert disconnect.offset == server.requests[0].sent > 0


def test_a_finished_reply_is_no_disconnect():
    """A client that read everything and then closed is not taken for one that stopped."""
    with FakeServer(["done"]) as server:
        ask(server)
        with pytest.raises(TimeoutError):
            server.requests[0].wait_disconnected(timeout=0.1)


async def test_the_server_is_an_async_context_manager_too():
    """An async test can use it, and its own loop stays free."""
    async with FakeServer(["hello"]) as server, httpx.AsyncClient() as client:
        reply = await client.post(f"{server.url}/chat/completions", json=QUESTION)
    assert reply.status_code == 200


def test_waiting_for_requests_that_never_come_times_out():
    """A test that waits in vain fails instead of hanging."""
    with FakeServer() as server, pytest.raises(TimeoutError):
        server.wait_for_requests(1, timeout=0.05)
