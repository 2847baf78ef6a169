"""What one would write first, in JupyterLab: an anywidget whose text is a trait that grows.

It shows plain text in a `pre`: no Markdown is rendered, so its page has less to do than others.
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.side.contestant import READER, Setting
from tests.bench.side.in_lab import InLab

__all__ = ["CONTESTANT"]

SHOW = '''
import anywidget
import traitlets

class Reply(anywidget.AnyWidget):
    _esm = """
    export default {{
      render({{ model, el }}) {{
        const place = document.createElement("pre");
        place.className = "naive-reply";
        el.append(place);
        const show = () => {{ place.textContent = model.get("text"); }};
        model.on("change:text", show);
        show();
      }}
    }};
    """
    text = traitlets.Unicode().tag(sync=True)

from IPython.display import display
for question, answer in {rounds!r}:
    display(Reply(text=question), Reply(text=answer))
reply = Reply()
reply
'''
ASK = """
async for delta in deltas({url!r}, "Go on."):
    reply.text += delta
"""


def _cells(setting: Setting) -> Sequence[str]:
    return [
        READER + SHOW.format(rounds=list(setting.load.rounds)),
        ASK.format(url=setting.model.url),
    ]


CONTESTANT = InLab(
    name="naive-trait",
    packages=("anywidget",),
    reply=".naive-reply",
    cells=_cells,
)
