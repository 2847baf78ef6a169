"""How the static transcript looks: calm, by the host's colours where it has them, light or dark.

The style travels in every saved cell, so it is small. Nothing is fetched by it.
"""

from __future__ import annotations

__all__ = ["PAGE", "STYLE", "beside"]


def _small(css: str) -> str:
    """Without its line breaks and indents."""
    return " ".join(css.split()).replace("{ ", "{").replace("; }", "}").replace(" {", "{")


# Every rule begins with the class of the root: it is in the same page as everything of the host.
# With [class] it outweighs what JupyterLab and nbconvert say of the tables of all objects.
STYLE = _small("""
.nbagent-transcript { --t: var(--jp-content-font-color1, var(--vscode-editor-foreground, #1f2328));
  --b: var(--jp-layout-color0, var(--vscode-editor-background, #fff));
  --a: var(--jp-brand-color1, var(--vscode-focusBorder, #2f6fde));
  --e: var(--jp-error-color1, #c62f39);
  --m: color-mix(in srgb, var(--t) 72%, var(--b));
  --l: color-mix(in srgb, var(--t) 16%, var(--b));
  --s: color-mix(in srgb, var(--t) 4%, var(--b));
  --f: var(--jp-ui-font-family, system-ui, -apple-system, "Segoe UI", sans-serif);
  --c: var(--jp-code-font-family, ui-monospace, Menlo, Consolas, monospace);
  box-sizing: border-box; max-width: 76ch; padding: 4px 8px; background: var(--b);
  color: var(--t); font: 14px/1.55 var(--f); overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { .nbagent-transcript {
  --t: var(--jp-content-font-color1, var(--vscode-editor-foreground, #e3e6ea));
  --b: var(--jp-layout-color0, var(--vscode-editor-background, #16181d));
  --a: var(--jp-brand-color1, var(--vscode-focusBorder, #7fb0ff));
  --e: var(--jp-error-color1, #ff8f95); } }
.nbagent-transcript .nba-message { margin: 0 0 18px; }
.nbagent-transcript .nba-user { background: color-mix(in srgb, var(--a) 9%, var(--b));
  border-radius: 10px; padding: 8px 14px; }
.nbagent-transcript .nba-assistant { padding: 0 14px; }
.nbagent-transcript p { margin: 0 0 8px; }
.nbagent-transcript .nba-who { color: var(--m); font-size: 12px; margin: 0 0 4px; }
.nbagent-transcript .nba-quiet { color: var(--m); margin: 6px 0 0; }
.nbagent-transcript .nba-quiet small { font-size: 12px; }
.nbagent-transcript .nba-prose > :last-child,
.nbagent-transcript details > :last-child { margin-bottom: 0; }
.nbagent-transcript :is(h3, h4, h5, h6) { font-size: 1.12em; font-weight: 600;
  line-height: 1.35; margin: 16px 0 6px; color: inherit; }
.nbagent-transcript h3 { font-size: 1.3em; }
.nbagent-transcript :is(ul, ol) { margin: 0 0 8px; padding-inline-start: 24px; }
.nbagent-transcript a { color: color-mix(in srgb, var(--a) 72%, var(--t));
  text-decoration: underline; }
.nbagent-transcript blockquote { border-inline-start: 3px solid var(--l);
  color: inherit; margin: 8px 0; padding: 2px 0 2px 12px; }
.nbagent-transcript :is(pre, code) { background: none; border: 0; color: inherit;
  font: 12.5px/1.5 var(--c); padding: 0; }
.nbagent-transcript pre { background: var(--s); border-radius: 6px; margin: 0 0 8px;
  overflow-x: auto; padding: 8px 10px; white-space: pre-wrap; }
.nbagent-transcript pre span[style*="--k"] {
  color: oklch(from color-mix(in oklab, var(--k) 30%, var(--t)) l calc(c * 2) h) !important; }
.nbagent-transcript .nba-words { white-space: pre-wrap; }
.nbagent-transcript .nba-prose > pre { white-space: pre; }
.nbagent-transcript :not(pre) > code { background: var(--s); border-radius: 4px;
  padding: 1px 4px; }
.nbagent-transcript details { border: 1px solid var(--l); border-radius: 8px;
  margin: 8px 0; padding: 6px 12px; }
.nbagent-transcript details[open] { padding-bottom: 10px; }
.nbagent-transcript summary { cursor: pointer; display: list-item; }
.nbagent-transcript summary:focus-visible { outline: 2px solid var(--a); outline-offset: 3px;
  border-radius: 4px; }
.nbagent-transcript details[open] > summary { margin-bottom: 8px; }
.nbagent-transcript .nba-state { color: var(--m); display: inline-block; }
.nbagent-transcript :is(.nba-failed, .nba-denied, .nba-interrupted) > summary .nba-state {
  color: color-mix(in srgb, var(--e) 72%, var(--t)); }
.nbagent-transcript .nba-title { color: var(--m); font-size: 12px; margin: 10px 0 3px; }
.nbagent-transcript .nba-error { border-inline-start: 3px solid var(--e); margin: 8px 0;
  padding: 2px 0 2px 12px; }
.nbagent-transcript .nba-table { overflow-x: auto; }
.nbagent-transcript table { border: 0; border-collapse: collapse; color: inherit;
  font-size: 13px; margin: 0 0 8px; table-layout: auto; width: auto; }
.nbagent-transcript[class] :is(td, th) { border: 0; border-bottom: 1px solid var(--l);
  padding: 4px 10px; text-align: start; vertical-align: top; max-width: none;
  white-space: normal; }
.nbagent-transcript :is(td, th)[align="right"] { text-align: end; }
.nbagent-transcript :is(td, th)[align="center"] { text-align: center; }
.nbagent-transcript .nba-table :is(td, th) { text-align: end; overflow-wrap: normal;
  font-variant-numeric: tabular-nums; }
.nbagent-transcript[class] tbody tr { background: none; }
.nbagent-transcript tbody tr:last-child > * { border-bottom: 0; }
.nbagent-transcript th { font-weight: 600; }
.nbagent-transcript .nba-arguments { border-spacing: 0; width: 100%; }
.nbagent-transcript .nba-arguments th { color: var(--m); font-weight: 400; width: 1%;
  padding-inline-start: 0; white-space: nowrap; }
.nbagent-transcript[class] .nba-arguments :is(td, th) { border: 0; padding-block: 2px; }
.nbagent-transcript .nba-arguments pre { margin: 0; }
.nbagent-transcript img { background: #fff; border-radius: 6px; height: auto; max-width: 100%; }
.nbagent-transcript .nba-attachment { color: var(--m); }
.nbagent-transcript .nba-attachment img { max-height: 240px; width: auto; }
@media print { .nbagent-transcript { max-width: none; --b: #fff; --t: #000; }
  .nbagent-transcript details::details-content { content-visibility: visible;
    block-size: auto; }
  .nbagent-transcript summary { list-style: none; break-after: avoid; }
  .nbagent-transcript :is(.nba-title, .nba-who, h3, h4, h5, h6) { break-after: avoid; }
  .nbagent-transcript .nba-user { border: 1px solid var(--l); }
  .nbagent-transcript .nba-prose > pre { white-space: pre-wrap; }
  .nbagent-transcript :is(.nba-user, pre, img, tr) { break-inside: avoid; } }
""")

# The page that `agent.export("chat.html")` writes.
PAGE = _small("""
:root { color-scheme: light dark; }
body { background: #fff; color: #1f2328; margin: 0; padding: 24px 16px 48px; }
main, body > header { margin: 0 auto; max-width: 736px; }
main .nbagent-transcript { max-width: none; }
body > header { font: 14px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
  padding: 0 22px 16px; }
h1 { font-size: 20px; line-height: 1.3; margin: 0 0 4px; }
body > header p { margin: 0; opacity: .75; }
.nbagent-transcript { font-size: 15px; }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #e3e6ea; } }
@media print { body { background: #fff; color: #000; padding: 0; } }
""")


def beside(key: str) -> str:
    """Style for a notebook in which the live view of the widget ``key`` stands behind it.

    Where that view is not drawn JupyterLab says there, for ever, that it is loaded or that its
    model was not found, and nbconvert leaves an empty prompt; that line goes. In JupyterLab no
    other output has neither a MIME type nor elements. On paper the conversation begins below its
    cell, and not on a page of its own.
    """
    form = f'.jp-OutputArea-child:has(> .jp-OutputArea-output > [data-nbagent-of="{key}"])'
    not_drawn = (
        ":not(:has(> .jp-OutputArea-output > *))"
        ":has(> .jp-OutputArea-output:not([data-mime-type]))",
        ':has(> [data-mime-type="text/plain"] > pre:empty)',
    )
    # Two rules: a browser that does not know one of them drops that one.
    hidden = (f"{form} + .jp-OutputArea-child{line}{{display:none}}" for line in not_drawn)
    return "".join((*hidden, f"@media print{{{form}{{break-inside:auto}}}}"))
