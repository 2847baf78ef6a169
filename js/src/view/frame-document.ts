/**
 * The documents that hold a tool's scripts: a frame in a frame, both with an origin of their own
 * and no way out of it. The outer one is ours; its policy holds for the inner one too, and also
 * keeps the inner one from taking itself elsewhere, which no policy of its own could. All they can
 * do is say how high they want to be, and what they were not allowed to load.
 */

import { TELLS_ERRORS } from "./remote";

const LOCAL = "data: blob:";
const CLOSED = [
  "default-src 'none'",
  `script-src 'unsafe-inline' 'unsafe-eval' ${LOCAL}`,
  `style-src 'unsafe-inline' ${LOCAL}`,
  `img-src ${LOCAL}`,
  `font-src ${LOCAL}`,
  `media-src ${LOCAL}`,
  `connect-src ${LOCAL}`,
  `worker-src ${LOCAL}`,
  "frame-src 'none'",
  "object-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join("; ");
const OPEN = `default-src https: http: ${LOCAL} 'unsafe-inline' 'unsafe-eval'; object-src 'none'; form-action 'none'; base-uri 'none'`;

export interface Look {
  colour: string;
  font: string;
}

/** What a frame tells the page. */
export type FrameMessage = { height: number } | { blocked: string } | { error: string };

/** The content of the outer frame's `srcdoc` for a tool's `html`; `remote`: it may load things. */
export function frameDocument(html: string, look: Look, remote: boolean): string {
  const policy = meta(remote ? OPEN : CLOSED);
  const inner = `<!doctype html>${policy}${style(look)}${TELLS_ERRORS}${REPORTER}${html}`;
  return `<!doctype html>${policy}${OUTER_STYLE}<iframe sandbox="allow-scripts" referrerpolicy="no-referrer" srcdoc="${escapeAttribute(inner)}"></iframe>${RELAY}`;
}

/** A page of a script of which the notebook names its place `element`. */
export function scriptPage(script: string): string {
  return `<div id="nbagent-element"></div><script>const element = document.getElementById("nbagent-element");</script><script>${escapeScript(script)}</script>`;
}

/** A page that draws a plotly figure with the library's own text. */
export function plotlyPage(library: string, figure: unknown): string {
  const json = JSON.stringify(figure).replace(/</g, "\\u003c");
  return `<style>body{margin:0}</style><div id="figure"></div><script>${escapeScript(library)}</script><script>
const figure = ${json};
Plotly.newPlot("figure", figure.data ?? [], figure.layout ?? {}, { responsive: true, ...figure.config })
  .then((element) => figure.frames && Plotly.addFrames(element, figure.frames));
</script>`;
}

/** What a frame said, or null when it is nothing that a frame may say. */
export function readFrameMessage(data: unknown): FrameMessage | null {
  if (typeof data !== "object" || data === null) return null;
  const { nbagent, nbagentError: error } = data as Record<string, unknown>;
  if (typeof error === "string") return { error: error.slice(0, 500) };
  if (typeof nbagent === "number" && Number.isFinite(nbagent)) return { height: nbagent };
  return typeof nbagent === "string" ? { blocked: nbagent.slice(0, 100) } : null;
}

function meta(policy: string): string {
  return `<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><meta name="referrer" content="no-referrer"><meta http-equiv="x-dns-prefetch-control" content="off">`;
}

function style({ colour, font }: Look): string {
  return `<style>html{color:${colour};font:13px/1.5 ${font};background:transparent}body{margin:8px}</style>`;
}

const escapeAttribute = (text: string) => text.replace(/&/g, "&amp;").replace(/"/g, "&quot;");
const escapeScript = (text: string) => text.replace(/<(?=\/script|!--)/gi, "\\x3c");

const OUTER_STYLE =
  "<style>html,body{margin:0;height:100%;overflow:hidden;background:transparent}iframe{display:block;width:100%;height:100%;border:0}</style>";

const REPORTER = `<script>(() => {
const say = (nbagent) => parent.postMessage({ nbagent }, "*");
const size = () => say(Math.ceil(document.documentElement.getBoundingClientRect().height));
new ResizeObserver(size).observe(document.documentElement);
addEventListener("load", size);
addEventListener("securitypolicyviolation", (event) => say(event.blockedURI), true);
addEventListener("message", ({ source, data }) => {
  if (source === parent && data?.nbagentColour) document.documentElement.style.color = data.nbagentColour;
  else if (source !== parent && data?.nbagentError) parent.postMessage(data, "*");
});
})();</script>`;

const RELAY = `<script>(() => {
const inner = document.querySelector("iframe");
addEventListener("securitypolicyviolation", (event) => {
  parent.postMessage({ nbagent: event.blockedURI }, "*");
  // It wanted to go elsewhere: the browser's own page about that would help nobody.
  if (event.effectiveDirective === "frame-src") {
    inner.remove();
    parent.postMessage({ nbagentError: "it tried to leave its frame" }, "*");
    parent.postMessage({ nbagent: 0 }, "*");
  }
});
addEventListener("message", ({ source, data }) => {
  if (source !== null && source === inner.contentWindow) parent.postMessage(data, "*");
  else if (source === parent) inner.contentWindow?.postMessage(data, "*");
});
})();</script>`;
