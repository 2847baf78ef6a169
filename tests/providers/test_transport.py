"""What goes wrong on the way, and what a connection is left as."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from nbagent.errors import TransportError
from nbagent.providers.transport import (
    BodyLost,
    BodyTimeout,
    Timeouts,
    Transport,
    download,
    shown,
)
from nbagent.testing import FakeServer, Gate, Reply, reply_bytes


async def ask(url, timeouts=Timeouts(connect=2.0, first_byte=2.0, idle=0.3), path=""):  # noqa: B008 - frozen
    """The body of an answer."""
    transport = Transport(url, timeouts)
    try:
        async with transport.open("POST", path, headers={}, content=b"{}") as reply:
            return await reply.read(10_000)
    finally:
        await transport.aclose()


def unused_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        return made.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:{port}", "Is the server up and reachable"),
        ("http://no-such-host.invalid", "Is the server up and reachable"),
        ("ftp://127.0.0.1:{port}", "not an address that can be asked"),
        ("not an address", "not an address that can be asked"),
        ("http://[::1", "not an address that can be asked"),
        ("http://user:secret@127.0.0.1:{port}", "http://127.0.0.1"),
    ],
)
async def test_no_connection(url, words):
    """Nobody there, no such name, no address: each says so, and repeats no password."""
    with pytest.raises(TransportError, match=words) as caught:
        await ask(url.format(port=unused_port()))
    assert "secret" not in str(caught.value)


@pytest.fixture
def untrusted():
    """A TLS server whose certificate nobody vouches for; gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # A key and a certificate made for this test alone.
    context.load_cert_chain(Path(__file__).with_name("untrusted.pem"))
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        try:
            connection, _ = listening.accept()
            context.wrap_socket(connection, server_side=True)
        except OSError:
            return  # the client did not trust us, as it should

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join(60)


async def test_a_certificate_that_is_not_trusted(untrusted):
    """The error names the certificate, and the way to bring one's own."""
    with pytest.raises(TransportError, match=r"No secure connection.*http= client"):
        await ask(f"https://localhost:{untrusted}")


async def test_tls_with_a_server_that_speaks_none():
    """A plain server behind an https address is no secure connection either."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with pytest.raises(TransportError, match="No secure connection"):
            await ask(f"https://127.0.0.1:{listening.getsockname()[1]}")
        thread.join(60)


async def test_timeouts_before_and_within_the_body():
    """Before the first byte there was no reply; after it, the reply was lost."""
    with FakeServer([reply_bytes(Gate()), reply_bytes(b"some", Gate())]) as server:
        with pytest.raises(TransportError, match="did not begin to answer") as caught:
            await ask(server.url, Timeouts(first_byte=0.1))
        assert not isinstance(caught.value, BodyTimeout)
        with pytest.raises(BodyTimeout):
            await ask(server.url)


async def test_a_body_that_breaks():
    """It is told apart from a reply that never began."""
    with FakeServer([Reply(body=b"0123456789", break_at=4)]) as server, pytest.raises(BodyLost):
        await ask(server.url)


async def test_a_body_that_is_not_packed_as_it_says():
    """Broken compression is a lost body, not an error of another library."""
    with (
        FakeServer([Reply(body=b"no gzip", headers={"content-encoding": "gzip"})]) as server,
        pytest.raises(BodyLost),
    ):
        await ask(server.url)


async def test_a_header_that_cannot_be_sent_is_not_repeated():
    """It may be the key."""
    transport = Transport("http://127.0.0.1:1", Timeouts())
    with FakeServer(["Hi"]) as server:
        transport.base_url = server.url
        with pytest.raises(TransportError) as caught:
            async with transport.open("GET", "", headers={"x": "sec\nret"}):
                pass
    assert "ret" not in str(caught.value).replace("written", "")
    await transport.aclose()


async def test_an_error_inside_is_left_alone():
    """What the reader of a body raises is its own."""
    transport = Transport("http://127.0.0.1:1", Timeouts())
    with FakeServer(["Hi"]) as server:
        transport.base_url = server.url
        with pytest.raises(ZeroDivisionError):
            async with transport.open("POST", "", headers={}, content=b""):
                raise ZeroDivisionError
        await transport.aclose()


async def test_connections_are_used_again():
    """A reply read to its end leaves its connection for the next request."""
    with FakeServer(always="Hi") as server:
        transport = Transport(server.url, Timeouts())
        for _ in range(3):
            async with transport.open(
                "POST", "/chat/completions", headers={}, content=b"{}"
            ) as reply:
                async for _ in reply.chunks():
                    pass
        assert len(transport._pool()._transport._pool.connections) == 1
        await transport.aclose()


async def test_a_download_can_go_on_where_it_stopped():
    """The range is asked for, and the whole size is known."""
    part = Reply(
        body=b"56789", status=206, headers={"content-range": "bytes 5-9/10"}, chunked=False
    )

    with FakeServer() as server:
        server._reply = lambda request: (seen.append(request), part)[1]
        seen = []
        async with download(f"{server.url}/file", offset=5) as got:
            data = b"".join([chunk async for chunk in got.chunks()])
    assert (got.status, got.total, data) == (206, 10, b"56789")
    assert seen[0].headers["range"] == "bytes=5-"


async def test_a_download_that_is_not_there():
    """An error status is no file."""
    with FakeServer() as server:
        server._reply = lambda request: Reply(body=b"", status=404)
        with pytest.raises(TransportError, match="status 404"):
            async with download(f"{server.url}/file"):
                pass


def test_timeouts_from_a_number():
    """One number is each of them; None is no limit."""
    assert Timeouts.of(3) == Timeouts(3, 3, 3)
    assert Timeouts.of(None) == Timeouts(None, None, None)
    assert Timeouts.of(Timeouts()) == Timeouts()


def test_addresses_are_shown_without_passwords():
    """Name and password are left out, everything else stays."""
    assert shown("https://me:pw@host:1/v1?x=a@b") == "https://host:1/v1?x=a@b"
    assert shown("https://host/v1") == "https://host/v1"
