"""What a scripted model says in the notebooks of features, and what must come of it.

The notebooks ask `Agent()`, which takes its model from the environment: there it is one behind a
`FakeServer` that answers by these rules.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from nbagent.testing import Reply, Request, reply_calls, reply_text

Call: TypeAlias = tuple[str, dict[str, Any]]
#: How the two emulated forms of tool calling are told from one another and from the native one.
SCHEMA_FORM, PROMPTED_FORM = "Answer with one JSON object.", "<tool_call>"
SCHEMA_RESULT, PROMPTED_RESULT = "Answer this question with the result", "<tool_response>"
#: What a model reads that was handed a conversation: it goes on with the question.
HANDED = "go on with what the person wants"
LONG = 500  # characters of a reply that somebody may want to stop


@dataclass(frozen=True)
class Played:
    """One notebook.

    Attributes:
        facts: What stands in its outputs, and would not if the feature broke.
        replies: By words of the question: what the model says, or the call that it makes.
        requests: How many requests reach the model; None where that is not known beforehand.
    """

    facts: tuple[str, ...]
    replies: Mapping[str, str | Call] = field(default_factory=dict)
    requests: int | None = None

    def __call__(self, request: Request) -> Reply:
        """The model's answer to a request."""
        messages = request.body["messages"]
        told = " ".join(_words(each) for each in messages if each["role"] == "system")
        result = _result(messages)
        if result is not None:
            return _said(f"The answer is {result}.", told)
        for message in reversed(messages):
            for words, reply in self.replies.items():
                if message["role"] == "user" and words in _words(message):
                    return _played(reply, request, told)
        return _said("I have nothing to say.", told)


def _result(messages: Sequence[Mapping[str, Any]]) -> str | None:
    """The result of a call, where one is among what came since the model's last reply."""
    for message in reversed(messages):
        words = _words(message)
        if HANDED in words or message["role"] in ("assistant", "system"):
            break
        if message["role"] == "tool" or SCHEMA_RESULT in words or PROMPTED_RESULT in words:
            return words
    return None


def _said(text: str, told: str) -> Reply:
    # Words are an object, too, where the reply is constrained to one.
    words = json.dumps({"reply": text}) if SCHEMA_FORM in told else text
    return reply_text(words, pieces=20, delay=0.02 if len(text) > LONG else 0)


def _played(reply: str | Call, request: Request, told: str) -> Reply:
    if isinstance(reply, str):
        return _said(reply, told)
    name, arguments = reply
    if SCHEMA_FORM in told:
        return reply_text(json.dumps({"tool": name, "arguments": arguments}), pieces=5)
    if PROMPTED_FORM in told:
        call = json.dumps({"name": name, "arguments": arguments})
        return reply_text(f"<tool_call>\n{call}\n</tool_call>", pieces=5)
    if not request.body.get("tools"):
        return reply_text("Let me think of the tools.", pieces=3)
    return reply_calls((name, arguments), pieces=3)


def _words(message: Mapping[str, Any]) -> str:
    content = message["content"] or ""
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content)


def _price(item: str, price: int) -> Call:
    return "set_price", {"item": item, "price": price}


def _order(customer: str, product: str, quantity: int) -> dict[str, Any]:
    return {"customer": customer, "product": product, "quantity": quantity}


HAPPY, UNHAPPY = '{"mood": "happy"}', '{"mood": "unhappy"}'
OAK: Mapping[str, str | Call] = {"tallest oak": ("tallest", {"kind": "oak"})}

PLAYED: Mapping[str, Played] = {
    "tools": Played(
        facts=(
            "region: expected one of 'north', 'south' or 'west'",
            '<units_sold({"region": "south"}): done>',
            "<Figure size 600x250 with 1 Axes>",
            "another process: True",
            "longer than its timeout of 0.5 seconds",
            "(<count_rows({}): done>,)",
        ),
        replies={
            "sold in the south": ("units_sold", {"region": "south"}),
            "Plot the units": ("plot", {"frame": "sales", "column": "units"}),
            "How many rows": ("count_rows", {}),
        },
        requests=6,
    ),
    "approval": Played(
        facts=(
            'asked: set_price {"item": "chair", "price": 45}',
            "np.int64(45)",
            "['denied']",
            "Prices are frozen until Monday.",
            "np.int64(60)",
            "('set_price',) True ()",
            "waiting:",
            "np.int64(25)",
            "(False, True)",
            "I take 2026.",
        ),
        replies={
            "chair to 45": _price("chair", 45),
            "lamp to 99": _price("lamp", 99),
            "table to 75": _price("table", 75),
            "shelf to 30": _price("shelf", 30),
            "lamp to 25": _price("lamp", 25),
        },
    ),
    "structured_output": Played(
        facts=(
            "Order(customer='Mrs Alder', product='garden chair', quantity=3)",
            "customer='Mr Birch' product='oak sh",
            "element 2",
            "Order(customer='Fir', product='lamp', quantity=2)",
            "greater than or equal to 1",
            "ListItem(level=1, text='Call Mrs Elm', ordered=True)",
        ),
        replies={
            "List all the orders": json.dumps(
                {
                    "value": [
                        _order("Mrs Cedar", "lamp", 2),
                        _order("Mr Dogwood", "table", 5),
                        _order("Ms Elm", "sofa", 1),
                    ]
                }
            ),
            "Mrs Alder": json.dumps(_order("Mrs Alder", "garden chair", 3)),
            "Mr Birch": json.dumps(_order("Mr Birch", "oak shelf", 12)),
        },
    ),
    "streaming": Played(
        facts=(
            "Bonjour!",
            "'text_complete': 1, 'end': 1",
            "[temperature done: ",
            "THE FOX",
            "RunCancelled after",
        ),
        replies={
            "hello in French": "Bonjour!",
            "Name a colour": "The colour is blue.",
            "Name a fruit": "A pear.",
            "highest temperature": ("temperature", {"which": "max"}),
            "Name an animal": "The fox.",
            "story about a lighthouse": "The light turned. " * 40,
        },
    ),
    "graphs": Played(
        facts=(
            "arrived at 1",
            "GraphError: ",
            "stream_with_tools → run_tools → stream_with_tools → ",
            "react ['reason', 'act', 'run_tools'",
            "plan_and_do ['plan', 'do', 'run_tools', 'do']",
            "2 messages: the question and the best draft",
            "6 after",
        ),
        replies={**OAK, "a line about a birch": "White bark in the rain."},
    ),
    "conversations": Played(
        facts=(
            "True (<rain_on(",
            "4 messages; (<rain_on(",
            "['rain'] ",
            "(6, 10)",
            "'My name is Grace.'",
            "messages, of which the model is given",
            "The run used up its 1 steps",
        ),
        replies={
            "Ada": "Hello Ada.",
            "day 100": ("rain_on", {"day": 100}),
            "day 7": ("rain_on", {"day": 7}),
            "day 200": ("rain_on", {"day": 200}),
            "day 50": ("rain_on", {"day": 50}),
        },
    ),
    "subagents": Played(
        facts=(
            "   inside: mean_mpg gave ",
            "the analyst itself remembers 0 messages",
            "['hand_over_to_analyst', 'mean_mpg']",
            "['ToolStarted', 'ToolFinished', 'StepFinished', 'StepFinished']",
        ),
        replies={
            "Japanese cars": ("mean_mpg", {"origin": "Japan"}),
            "European cars": ("mean_mpg", {"origin": "Europe"}),
        },
        requests=6,
    ),
    "mcp": Played(
        facts=(
            "add_note - Write a note down",
            "(<read_notes({}): done>,)",
            "Order lamps",
            "100\n10",
            "(True, False)",
        ),
        replies={"Read all the notes": ("read_notes", {})},
    ),
    "at_scale": Played(
        facts=(
            "<MapResults: 4 replies>",
            "[True, True, True, True, False, False]",
            "1 ConfigurationError",
            "<MapResults: 6 replies>",
        ),
        replies={
            word: mood
            for mood, words in {
                HAPPY: ("love", "wonderful", "perfect", "fine"),
                UNHAPPY: ("broke", "terrible", "worst", "Never again"),
            }.items()
            for word in words
        },
        requests=4 + 2 + 2 + 6,  # the four in the file are asked once
    ),
    "recording": Played(
        facts=(
            "'run_started': 1",
            "True and 1 calls again",
            "There you are. 2 requests",
            "visits_on took ",
            "invoke_agent",
            "execute_tool visits_on",
        ),
        replies={
            "day 12": ("visits_on", {"day": 12}),
            "day 20": ("visits_on", {"day": 20}),
            "day 25": ("visits_on", {"day": 25}),
        },
        requests=6,
    ),
    "models": Played(
        facts=(
            "models with prices",
            "I am your own server. ",
            """schema [('length', '{"word": "lantern"}', 7)]""",
            """prompted [('length', '{"word": "lantern"}', 7)]""",
            "going on with second:model",
            "I stepped in.",
            "lab:blind",
            "'schema'",
        ),
        replies={"word lantern": ("length", {"word": "lantern"})},
        requests=4,
    ),
    "files_and_images": Played(
        facts=(
            "Oslo, Rome and Lima",
            "On Thursday",
            "scripted:blind cannot see images",
            "Figure → image/png",
            "bytes → image/png",
            "1 picture",
            "a gzip archive",
        ),
        replies={
            "Which cities": "Oslo, Rome and Lima.",
            "Which columns": "city and degrees",
            "On which day": "On Thursday.",
        },
        requests=3,
    ),
}
