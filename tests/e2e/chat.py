"""The widget in a page, by the selectors that DESIGN promises to outside tests."""

from playwright.sync_api import Locator, Page, expect

from nbagent.testing import FakeServer
from tests.e2e.lab import PATIENCE, Lab


class Card:
    """A tool card."""

    def __init__(self, root: Locator) -> None:
        self.root = root

    def wait(self, state: str, timeout: float = PATIENCE) -> None:
        """Wait until the card is in this state."""
        expect(self.root).to_have_attribute("data-state", state, timeout=timeout * 1000)

    @property
    def id(self) -> str:
        """The call's id."""
        return str(self.root.get_attribute("data-tool-call-id"))

    def open(self) -> None:
        """Unfold the card if it is folded."""
        header = self.root.locator("button[aria-expanded]").first
        if header.get_attribute("aria-expanded") == "false":
            header.click()

    def part(self, name: str) -> Locator:
        """``arguments``, ``output`` or ``result`` of the unfolded card."""
        self.open()
        return self.root.locator(f'[data-nbagent="{name}"]')


class Chat:
    """One view of the widget."""

    def __init__(self, scope: Page | Locator) -> None:
        self.root = scope.locator('[data-nbagent="chat"]')
        self.composer = self.root.locator('textarea[aria-label="Message"]')

    def button(self, name: str) -> Locator:
        """A button by its accessible name."""
        return self.root.get_by_role("button", name=name, exact=True)

    def ask(self, text: str) -> None:
        """Type a question, send it, and wait until it is among the messages."""
        asked = self.messages("user").count()
        self.composer.fill(text)
        self.composer.press("Enter")
        expect(self.messages("user")).to_have_count(asked + 1)

    def wait(self, status: str, timeout: float = PATIENCE) -> None:
        """Wait until the whole widget is ``idle``, ``running`` or ``waiting``."""
        expect(self.root).to_have_attribute("data-status", status, timeout=timeout * 1000)

    def messages(self, role: str = "assistant") -> Locator:
        """The messages of a role, oldest first."""
        return self.root.locator(f'[data-nbagent="message"][data-role="{role}"]')

    def answer(self) -> Locator:
        """The last message of the model."""
        return self.messages().last

    def words(self) -> Locator:
        """The rendered words of the last message of the model."""
        return self.answer().locator('[data-nbagent="text"]')

    def said(self) -> str:
        """All words of the last message of the model, as they are shown."""
        return "\n".join(self.words().all_inner_texts())

    def card(self, name: str, number: int = 0) -> Card:
        """The card of a tool's call, by the order of its calls."""
        cards = self.root.locator(f'[data-nbagent="tool-card"][data-tool-name="{name}"]')
        return Card(cards.nth(number))

    def cards(self) -> Locator:
        """All cards."""
        return self.root.locator('[data-nbagent="tool-card"]')


def agent_cell(model: FakeServer, tools: str = "", setup: str = "") -> str:
    """The code of a cell that shows an agent on the scripted server.

    ``setup`` is code before it, ``tools`` the names of its tools as in a list.
    """
    return f"""
from nbagent import Agent, Executor, OpenAIChatClient, ToolContext, tool
{setup}
client = OpenAIChatClient(api_key="test", base_url="{model.url}")
agent = Agent("openai:scripted", tools=[{tools}], executor=Executor({{"openai": client}}))
agent
"""


def open_chat(
    lab: Lab,
    model: FakeServer,
    name: str,
    *cells: str,
    tools: str = "",
    setup: str = "",
    kernel: str = "ipykernel",
) -> Chat:
    """A notebook with an agent in its first cell, which has been run; ``cells`` follow it."""
    lab.open([agent_cell(model, tools, setup), *cells], name=name, kernel=kernel)
    lab.run(0)
    chat = Chat(lab.page)
    chat.wait("idle")
    return chat
