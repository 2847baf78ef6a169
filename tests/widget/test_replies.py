"""A kernel of ipykernel 7.0 to 7.3 hears every request, others are left as they are."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from nbagent.widget.replies import reply_through_stream
from tests.e2e.kernels import SOURCE, installed

# A kernel that replies past its stream went deaf after 25 to 350 of these, each time it was tried.
ROUNDS = 1000
MAKE_WIDGET = "from nbagent import Agent; Agent('openai:any').widget"


def test_replies_take_the_stream_from_then_on() -> None:
    """The socket's place is taken by the stream that reads it."""
    manager = SimpleNamespace(_shell_socket="socket")
    kernel = SimpleNamespace(
        shell_channel_thread=SimpleNamespace(manager=manager), shell_stream="stream"
    )
    reply_through_stream(kernel)
    assert manager._shell_socket == "stream"


def test_other_kernels_are_left_alone() -> None:
    """7.4 has no such socket, 6.31 no such thread, and a script no kernel at all."""
    manager = SimpleNamespace(_shell_stream="stream")
    thread = SimpleNamespace(manager=manager)
    reply_through_stream(SimpleNamespace(shell_channel_thread=thread, shell_stream="other"))
    reply_through_stream(SimpleNamespace(shell_channel_thread=None, shell_stream="other"))
    reply_through_stream(SimpleNamespace())
    reply_through_stream(None)
    assert vars(manager) == {"_shell_stream": "stream"}


@pytest.fixture
def client() -> Iterator[BlockingKernelClient]:
    """A client of a real kernel of 7.3 in which a widget was made."""
    manager = KernelManager()
    places: list[Path] = [installed("ipykernel-7.3"), SOURCE]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places))}
    manager.start_kernel(env=environment | {"OPENAI_API_KEY": "none"})
    client: BlockingKernelClient = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        assert client.execute_interactive(MAKE_WIDGET, timeout=60)["content"]["status"] == "ok"
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.e2e
def test_a_real_kernel_answers_every_request(client: BlockingKernelClient) -> None:
    """Each comes in while the reply to the one before it goes out, or a little before or after."""
    moments = random.Random(7)
    for _ in range(ROUNDS):
        client.kernel_info()
        time.sleep(moments.random() * 0.003)
        wanted = client.execute("1", silent=True, store_history=False)
        while client.get_shell_msg(timeout=60)["parent_header"]["msg_id"] != wanted:
            pass
        while client.iopub_channel.msg_ready():
            client.get_iopub_msg(timeout=1)
