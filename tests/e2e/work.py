"""What a page does, counted: exact on every machine, where time would tell of the machine.

Three things are counted. Of the DOM: nodes and characters that a script put in, took away or
changed, a sum for each of its turns. Of the browser: boxes laid out and elements styled anew, by
its own trace. Of the transcript: how often the script looked into messages that were there before.

The page is given a clock that only its own work moves. So what is done for a while and then put
off is put off after the same amount of work wherever the test runs.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from tests.bench.page_trace import traced
from tests.e2e.stage import Stage

#: What counts as a millisecond of the page's clock: about what a slow core does in one.
NODES_PER_MS = 30
# A text weighs as much as a node for every so many of its characters.
CHARACTERS = 100
COUNTING = f"""(() => {{
  let all = 0;
  let turn = 0;
  let closes = false;
  const weight = (node) => {{
    if (node.nodeType === Node.TEXT_NODE) return 1 + node.data.length / {CHARACTERS};
    let sum = 1;
    for (const child of node.childNodes) sum += weight(child);
    return sum;
  }};
  const weigh = ({{ type, target, addedNodes, removedNodes }}) => {{
    if (type !== "childList") return type === "attributes" ? 1 : weight(target);
    let sum = removedNodes.length;
    for (const node of addedNodes) sum += weight(node);
    return sum;
  }};
  const close = () => {{
    closes = false;
    take(observer.takeRecords());
    if (turn > 0) work.turns.push(Math.round(turn));
    turn = 0;
  }};
  const take = (records) => {{
    for (const record of records) {{
      const weighed = weigh(record);
      all += weighed;
      turn += weighed;
      if (work.earlier?.some((element) => element.contains(record.target))) work.disturbed += 1;
    }}
    if (closes || turn === 0) return;
    closes = true;
    queueMicrotask(close);
  }};
  const observer = new MutationObserver(take);
  const everything = {{ subtree: true, childList: true, characterData: true, attributes: true }};
  observer.observe(document, everything);
  performance.now = () => {{
    take(observer.takeRecords());
    return all / {NODES_PER_MS};
  }};
  const frame = () => new Promise((resolve) =>
    requestAnimationFrame(() => setTimeout(resolve)));
  window.work = {{
    weight,
    turns: [],
    looks: 0,
    disturbed: 0,
    earlier: null,
    // The transcript, each message of which counts how often it is looked into.
    watched: (transcript) => ({{
      ...transcript,
      messages: transcript.messages.map((message) => new Proxy(message, {{
        get: (target, name) => {{
          work.looks += 1;
          return target[name];
        }},
      }})),
    }}),
    // Puts each of the kernel's messages into the page once the one before it has been painted.
    put: async (messages) => {{
      for (const ops of messages) {{
        const before = work.turns.length;
        window.put(ops);
        await frame();
        for (let more = 0; more < 40; more += 1) {{
          await frame();
          if (work.turns.length > before) break;
        }}
      }}
    }},
    // What was counted since the last time; what is to come has come.
    counted: async () => {{
      let before;
      do {{
        before = work.turns.length;
        for (let quiet = 0; quiet < 30; quiet += 1) await frame();
      }} while (work.turns.length > before);
      const {{ turns, looks, disturbed }} = work;
      Object.assign(work, {{ turns: [], looks: 0, disturbed: 0 }});
      return {{ turns, looks, disturbed }};
    }},
  }};
}})();"""
WATCH = """() => {
  const { show } = window;
  window.show = (transcript) => show(work.watched(transcript));
}"""
WEIGHT = "() => Math.round(work.weight(document.querySelector('.nbagent')))"


@dataclass(frozen=True)
class Work:
    """What a page did.

    Attributes:
        turns: Nodes (and characters, a hundred like a node) that each turn of the script changed.
        laid_out: Boxes that each layout was made for.
        boxes: The most boxes that there were.
        restyled: Elements that were styled anew, each time.
        looks: How often the script looked into a message of the transcript that was shown.
        disturbed: Changes within elements that were to be left alone (`leave_alone`).
    """

    turns: Sequence[int]
    laid_out: Sequence[int]
    boxes: int
    restyled: Sequence[int]
    looks: int
    disturbed: int

    @property
    def largest(self) -> int:
        """The most that one turn changed."""
        return max(self.turns, default=0)

    @property
    def all(self) -> int:
        """What all turns changed together."""
        return sum(self.turns)

    @property
    def largest_layout(self) -> int:
        """The most boxes that had to be laid out at once."""
        return max(self.laid_out, default=0)

    @property
    def largest_restyle(self) -> int:
        """The most elements that had to be styled anew at once."""
        return max(self.restyled, default=0)

    def save(self, path: Path) -> None:
        """Writes it down."""
        path.write_text(json.dumps(asdict(self)))


class WorkingStage(Stage):
    """A stage on which everything is counted."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        context = browser.new_context(viewport={"width": 900, "height": 800})
        super().__init__(context, hooks=COUNTING)
        self.page.evaluate(WATCH)

    @property
    def weight(self) -> int:
        """What all that is shown now would count if it were put in at once."""
        return int(self.page.evaluate(WEIGHT))

    def leave_alone(self, selector: str) -> None:
        """Whatever changes from now on within these elements is counted."""
        self.page.evaluate(
            "name => { work.earlier = [...document.querySelectorAll(name)]; }", selector
        )

    def begin(self) -> None:
        """A reply begins."""
        self.put(
            {"op": "message_start", "id": "live", "role": "assistant", "created": 1},
            {"op": "status", "status": "running", "model": "stand-in"},
        )

    def say_on(self, texts: Sequence[str]) -> None:
        """The reply goes on, a message of the kernel for each text, each drawn before the next."""
        ops = [[{"op": "text", "message": "live", "part": "0", "text": text}] for text in texts]
        self.page.evaluate("messages => work.put(messages)", ops)

    def finish(self) -> None:
        """The reply ends."""
        self.put(
            {"op": "part_done", "message": "live", "part": "0"},
            {"op": "message_end", "id": "live", "state": "done"},
            {"op": "status", "status": "idle", "model": "stand-in"},
        )

    def counted(self, do: Callable[[], Any]) -> Work:
        """What the page did from the beginning of ``do`` until it was at rest again."""
        self.page.evaluate("work.counted()")

        def work() -> Any:
            do()
            return self.page.evaluate("work.counted()")

        cost = traced(self._browser, self.page, work)
        return Work(**cost.probe, **cost.touched)
