/**
 * Inline nodes as HTML. All but raw HTML and images is safe by construction: fixed tags, escaped
 * text, checked addresses. `raw` says when it is not, and then sanitize.ts must see it first.
 */
import type { Node } from "commonmark";
import type { Slots } from "./slots";

export interface Html {
  text: string;
  /** Whether there is anything in it that must be sanitized. */
  raw: boolean;
}

/** Where a link may lead. No relative ones: they would lead into the notebook server itself. */
export const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");

/** The children of `parent`; what is not HTML by itself (maths, notes) goes into `slots`. */
export function inlineHtml(parent: Node, slots: Slots): Html {
  const html: Html = { text: "", raw: false };
  writeChildren(parent, html, slots);
  return html;
}

function writeChildren(parent: Node, html: Html, slots: Slots): void {
  for (let node = parent._firstChild; node; node = node._next) write(node, html, slots);
}

function write(node: Node, html: Html, slots: Slots): void {
  const literal = node._literal ?? "";
  switch (node.type) {
    case "text":
      html.text += escapeHtml(literal);
      return;
    case "softbreak":
      html.text += "\n";
      return;
    case "linebreak":
      html.text += "<br>\n";
      return;
    case "code":
      html.text += `<code>${escapeHtml(literal)}</code>`;
      return;
    case "html_inline":
      html.raw = true;
      html.text += literal;
      return;
    case "image":
      html.raw = true;
      html.text += imageHtml(node);
      return;
    case "note":
    case "maths_inline":
    case "maths_display":
      html.text += slots.hold(node.type, literal);
      return;
    default:
      writeElement(node, html, slots);
  }
}

const TAGS: Record<string, string> = { emph: "em", strong: "strong", del: "del" };

function writeElement(node: Node, html: Html, slots: Slots): void {
  const isLink = node.type === "link";
  const tag = isLink ? "a" : (TAGS[node.type] ?? "span");
  html.text += isLink ? `<a${linkAttributes(node)}>` : `<${tag}>`;
  writeChildren(node, html, slots);
  html.text += `</${tag}>`;
}

function linkAttributes(node: Node): string {
  const address = node._destination ?? "";
  const href = SAFE_LINK.test(address)
    ? ` href="${escapeHtml(address)}" target="_blank" rel="noopener noreferrer"`
    : "";
  return href + titleAttribute(node);
}

const titleAttribute = (node: Node) => (node._title ? ` title="${escapeHtml(node._title)}"` : "");

function imageHtml(node: Node): string {
  const source = escapeHtml(node._destination ?? "");
  return `<img src="${source}" alt="${escapeHtml(wordsOf(node))}"${titleAttribute(node)}>`;
}

/** The words of a node's content: what an image shows while it is not loaded. */
function wordsOf(parent: Node): string {
  let text = "";
  for (let node = parent._firstChild; node; node = node._next) {
    if (/break$/.test(node.type)) text += "\n";
    else text += (node.type === "html_inline" ? "" : (node._literal ?? "")) + wordsOf(node);
  }
  return text;
}
