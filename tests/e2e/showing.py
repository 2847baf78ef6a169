"""Tools that show something of every kind, and how the tests call them and look at their cards."""

from playwright.sync_api import Locator

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab
from tests.e2e.settling import settle

TOOLS = '''
import time
import ipywidgets
import pandas as pd
from IPython.display import HTML, clear_output, display

frame = pd.DataFrame({"mpg": [18.0, 15.0, 36.0, 24.5], "weight": [3504, 3693, 1795, 2400]})
moves = []
slider = None

@tool
def live():
    """A slider."""
    global slider
    slider = ipywidgets.IntSlider(value=3, description="Bins")
    slider.observe(lambda change: moves.append(change.new), "value")
    return slider

@tool(thread=True)
def live_from_a_thread():
    """A slider made on another thread."""
    return live()

@tool
def own_widget():
    """An anywidget of the notebook's own."""
    import anywidget, traitlets
    class Counter(anywidget.AnyWidget):
        _esm = """
        export default { render({ model, el, signal }) {
          const button = document.createElement("button");
          const show = () => { button.textContent = `count is ${model.get("value")}`; };
          button.addEventListener("click", () => {
            model.set("value", model.get("value") + 1); model.save_changes(); });
          model.on("change:value", show);
          signal?.addEventListener("abort", () => { window.counterEnded = true; });
          show();
          el.append(button);
        } };
        """
        value = traitlets.Int(0).tag(sync=True)
    global counter
    counter = Counter()
    return counter

@tool
def sound():
    """A tone."""
    import numpy as np
    from IPython.display import Audio
    return Audio(np.sin(np.arange(4000) / 10), rate=8000)

@tool
def interactive():
    """Controls with what they make."""
    def square(x):
        print("square of", x, "is", x * x)
    return ipywidgets.interactive(square, x=ipywidgets.IntSlider(value=4, max=9))

@tool
def notebook_bar():
    """A progress bar made of widgets."""
    from tqdm.notebook import tqdm
    for _ in tqdm(range(30), desc="fitting"):
        time.sleep(0.01)

@tool
def bars():
    """Two progress bars in text, one in the other, with 30,000 updates."""
    from tqdm import tqdm
    for _ in tqdm(range(3), desc="outer", ncols=60):
        for _ in tqdm(range(10_000), desc="inner", ncols=60, mininterval=0, miniters=1,
                      leave=False):
            pass
    print("\\x1b[1;32mbars done\\x1b[0m")

@tool
def plotly_figure():
    """A plotly figure."""
    import plotly.express as px
    return px.scatter(frame, x="weight", y="mpg", title="Weight and mileage", height=320)

@tool
def plotly_shown():
    """A plotly figure that is shown, not returned."""
    import plotly.express as px
    px.bar(frame, y="mpg", height=300).show()

@tool
def altair_chart():
    """An altair chart."""
    import altair as alt
    return alt.Chart(frame).mark_point(size=90).encode(x="weight", y="mpg").properties(width=300)

@tool
def styled():
    """A styled table."""
    return frame.style.background_gradient(cmap="viridis").format(precision=1).set_caption("Cars")

@tool
def scripted():
    """HTML that works by a script."""
    return HTML("""
<p id="says">nothing</p><button onclick="count()">Count</button>
<script>
let clicks = 0;
function count() { document.getElementById("says").textContent = "clicked " + ++clicks; }
const tries = {
  document: () => window.parent.document.title,
  top: () => window.top.document.title,
  storage: () => localStorage.length,
};
document.getElementById("says").textContent = Object.entries(tries).map(([name, reach]) => {
  try { reach(); return name + " open"; } catch { return name + " closed"; }
}).join(", ");
</script>""")

@tool
def leaking(address: str):
    """HTML that wants to load and to send."""
    return HTML(f"""
<p id="says">started</p><img src="{address}/image.png">
<iframe src="{address}/frame.html"></iframe><link rel="stylesheet" href="{address}/style.css">
<style>@import "{address}/import.css"; p {{ background: url("{address}/background.png") }}</style>
<script src="{address}/script.js"></script>
<script>
fetch("{address}/fetch").catch(() => {{}});
navigator.sendBeacon("{address}/beacon");
new WebSocket("{address}/socket".replace("http", "ws")).onerror = () => {{}};
setTimeout(() => {{ location.href = "{address}/away"; }}, 300);
try {{ window.open("{address}/window"); top.location = "{address}/top"; }} catch {{}}
</script>""")

def _work(name):
    import matplotlib.pyplot as plt
    for step in range(3):
        print(f"{name} step {step}")
        time.sleep(0.15)
    plt.figure(figsize=(3, 2))
    plt.title(name)
    plt.plot([1, 3, 2])
    print(name, "ends")
    return name * 2

@tool(thread=True)
def first():
    """One of two that run together."""
    return _work("first")

@tool(thread=True)
def second():
    """The other."""
    return _work("second")

@tool
def updating():
    """A display that is replaced, and an output that is cleared."""
    print("to be cleared")
    clear_output(wait=True)
    handle = display(HTML("<b>one</b>"), display_id=True)
    handle.update(HTML("<b>two</b>"))

@tool
def many_lines():
    """Prints a lot."""
    for number in range(12_000):
        print("line", number)

@tool
def hundred_megabytes():
    """A big table."""
    import numpy as np
    return pd.DataFrame(np.zeros((1_300_000, 10)))

@tool
def formula():
    """A formula."""
    from IPython.display import Math
    return Math(r"\\int_0^1 x^2 dx = \\frac{1}{3}")

@tool
def tree():
    """A tree."""
    from IPython.display import JSON
    return JSON({"model": {"layers": [1, 2, 3], "name": "net"}, "loss": 0.25, "ok": True})

@tool
def histogram():
    """A figure and colours."""
    import matplotlib.pyplot as plt
    print("\\x1b[31mred\\x1b[0m \\x1b[38;5;208morange\\x1b[0m", end=" ")
    print("\\x1b[48;2;40;90;160m on blue \\x1b[0m")
    figure, axes = plt.subplots(figsize=(5, 2.6))
    axes.hist(frame["mpg"], color="#4c78a8")
    axes.set_xlabel("mpg")
    return figure

@tool(approve=True)
def deletes(count: int):
    """Asks first."""
    return count
'''
NAMES = (
    "live, live_from_a_thread, own_widget, sound, interactive, notebook_bar, bars, "
    "plotly_figure, plotly_shown, altair_chart, styled, scripted, leaking, first, "
    "second, updating, many_lines, hundred_megabytes, formula, tree, histogram, deletes"
)


def opened(lab: Lab, model: FakeServer, name: str, kernel: str = "ipykernel") -> Chat:
    """A notebook with an agent that has all the tools."""
    return open_chat(lab, model, f"outputs-{name}", tools=NAMES, setup=TOOLS, kernel=kernel)


def called(chat: Chat, model: FakeServer, name: str, **arguments: object) -> Locator:
    """Have the model call one tool; gives its card once it is done."""
    model.add(reply_calls((name, arguments)), "Done.")
    chat.ask(f"Call {name}")
    card = chat.card(name)
    card.wait("done")
    card.open()
    chat.wait("idle")
    return card.root


def pictures(lab: Lab, name: str, card: Locator) -> None:
    """Screenshots of a card in both themes."""
    for theme in ("light", "dark"):
        lab.theme(theme)
        settle(lab.page)
        card.scroll_into_view_if_needed()
        lab.screenshot(f"outputs-{name}-{theme}")
    lab.theme("light")
