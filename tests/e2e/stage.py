"""The built widget in a page of its own: no kernel, no JupyterLab, a stand-in for its model.

What only needs the page is tried here in milliseconds, and at sizes that a kernel would take long
to make. Every request but those for the bundle is refused and remembered.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route

from nbagent.widget.widget import STATIC
from tests.e2e.chat import Chat

ORIGIN = "http://page.invalid"
FILES = ("widget.js", "widget.css", "maths.js", "highlight.js")
# What the kernel sends when the page asks; a test may take some away (`assets`).
ASSETS = ("maths", "highlight")
PAGE = f"""<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{ORIGIN}/widget.css">
<body><div id="place"></div><script type="module">
import createWidget from "{ORIGIN}/widget.js";
const listeners = new Set();
window.sent = [];
window.buffers = [];
window.seq = 0;
const views = [];
let widget, model, life;
window.view = () => {{
  const el = document.createElement("div");
  document.getElementById("place").append(el);
  const end = new AbortController();
  life.signal.addEventListener("abort", () => end.abort(), {{ signal: end.signal }});
  widget.render({{ model, el, signal: end.signal }});
  views.push({{ end, el }});
}};
window.unview = () => {{
  const last = views.pop();
  last.end.abort();
  last.el.remove();
}};
window.end = () => {{
  life?.abort();
  for (const {{ el }} of views.splice(0)) el.remove();
}};
window.assets = {list(ASSETS)!r};
window.answer = async ({{ name }}) => {{
  const file = window.assets.includes(name) ? await fetch(`{ORIGIN}/${{name}}.js`) : null;
  const packed = file?.body.pipeThrough(new CompressionStream("gzip"));
  const buffers = packed ? [new DataView(await new Response(packed).arrayBuffer())] : [];
  const content = {{ v: 1, asset: name, ok: packed !== undefined }};
  for (const listener of listeners) listener(content, buffers);
}};
window.show = (transcript) => {{
  window.end();
  life = new AbortController();
  window.seq = 1;
  model = {{
    get: (name) => (name === "snapshot" ? {{ v: 1, seq: 1, transcript }} : undefined),
    send: (content, _, buffers = []) => {{
      window.sent.push(content);
      window.buffers.push(...buffers.map((buffer) => new Blob([buffer])));
      if (content.type === "asset") window.answer(content);
    }},
    on: (name, listener) => name === "msg:custom" && listeners.add(listener),
    off: (name, listener) => listeners.delete(listener),
  }};
  widget = createWidget();
  widget.initialize({{ model, signal: life.signal }});
  window.view();
}};
window.say = (content) => {{
  for (const listener of listeners) listener({{ v: 1, ...content }}, []);
}};
window.put = (ops) => {{
  window.seq += 1;
  for (const listener of listeners) listener({{ v: 1, seq: window.seq, run: null, ops }}, []);
}};
window.listeners = listeners;
window.ready = true;
</script>"""
DATA_URLS = """() => Promise.all(buffers.map((blob) => new Promise((resolve) => {
  const reader = new FileReader();
  reader.onload = () => resolve(reader.result);
  reader.readAsDataURL(blob);
})))"""


class Stage:
    """A page with one widget, driven by ops instead of a kernel.

    Args:
        context: The browser profile; its viewport, colour scheme and the like are the test's.
        hooks: A script to run before the page's own.
        assets: The scripts that the stand-in kernel has; ask for none to see the page without.
    """

    def __init__(
        self, context: BrowserContext, *, hooks: str = "", assets: Sequence[str] = ASSETS
    ) -> None:
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        if hooks:
            self.page.add_init_script(hooks)
        self.page.on("dialog", lambda dialog: dialog.dismiss())
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route("**/*", self._answer)
        self.page.goto(ORIGIN)
        self.page.wait_for_function("window.ready")
        self.page.evaluate("names => { window.assets = names; }", list(assets))

    @property
    def chat(self) -> Chat:
        """The widget's first view."""
        return Chat(self.page.locator("#place > div").first)

    def show(self, **transcript: Any) -> None:
        """Mounts the widget with a transcript; what is not given is empty."""
        empty: dict[str, Any] = {"status": "idle", "model": "stand-in", "always": []}
        empty |= {"messages": [], "calls": {}}
        self.page.evaluate("transcript => show(transcript)", empty | transcript)

    def put(self, *ops: Mapping[str, Any]) -> None:
        """Sends ops, as one message of the kernel."""
        self.page.evaluate("ops => put(ops)", list(ops))

    def say(self, **content: Any) -> None:
        """Sends a message of the kernel that is no part of the transcript."""
        self.page.evaluate("content => say(content)", content)

    @property
    def buffers(self) -> list[bytes]:
        """The binary buffers that the page sent so far."""
        # Megabytes as lists of numbers would keep Playwright busy for minutes.
        addresses = self.page.evaluate(DATA_URLS)
        return [base64.b64decode(address.partition(",")[2]) for address in addresses]

    def add_view(self) -> Locator:
        """Another view of the same widget."""
        self.page.evaluate("view()")
        return self.page.locator("#place > div").last

    @property
    def sent(self) -> Sequence[dict[str, Any]]:
        """The commands that the page sent so far."""
        sent: list[dict[str, Any]] = self.page.evaluate("sent")
        return sent

    def _answer(self, route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name == "":
            route.fulfill(body=PAGE, content_type="text/html")
        elif name in FILES:
            route.fulfill(path=STATIC / name)
        elif name == "favicon.ico":
            route.abort()
        else:
            self.requests.append(route.request.url)
            route.abort()
