/** Colours for JSON, which nearly every tool call shows: without waiting for the highlighter. */
import { escapeHtml } from "./html";

const TOKEN =
  /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** Escaped HTML with the classes that highlight.js would give. */
export function colourJson(text: string): string {
  let html = "";
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, quoted, colon = "", number, word] = match;
    html += escapeHtml(text.slice(from, match.index));
    from = match.index + whole.length;
    if (quoted !== undefined) html += span(colon ? "attr" : "string", quoted) + colon;
    else if (number !== undefined) html += span("number", number);
    else html += span("literal", word ?? "");
  }
  return html + escapeHtml(text.slice(from));
}

const span = (kind: string, text: string) =>
  `<span class="hljs-${kind}">${escapeHtml(text)}</span>`;
