/**
 * Markdown text to tokens and unsafe HTML, with marked. What comes out must pass through
 * sanitize.ts before it touches a page.
 */
import { Lexer, Marked, Parser, type Token, type Tokens, type TokensList } from "marked";
import { highlight } from "./highlight";

export type Links = TokensList["links"];

const marked = new Marked({ gfm: true });
const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? "");

/** `closed`: code that will not grow any more is highlighted; open code is not, it would flicker. */
function makeRenderer(closed: boolean) {
  const renderer = new marked.Renderer();
  renderer.code = ({ text, lang }: Tokens.Code) => {
    const language = /^[\w+#.-]+/.exec(lang ?? "")?.[0] ?? "";
    const html = (closed ? highlight(text, language) : null) ?? escapeHtml(text);
    const name = language ? ` class="language-${escapeHtml(language)}"` : "";
    return `<pre><code${name}>${html}${text.endsWith("\n") || text === "" ? "" : "\n"}</code></pre>\n`;
  };
  return renderer;
}

const closedRenderer = makeRenderer(true);
const openRenderer = makeRenderer(false);

/** Top-level tokens of `text`; `links` are the reference definitions already seen, and get the new ones. */
export function lex(text: string, links: Links): Token[] {
  const lexer = new Lexer(marked.defaults);
  lexer.tokens.links = links;
  return lexer.lex(text);
}

/** HTML of whole tokens. Not safe. */
export function toHtml(tokens: Token[], closed: boolean): string {
  return Parser.parse(tokens, {
    ...marked.defaults,
    renderer: closed ? closedRenderer : openRenderer,
  });
}

export function noLinks(): Links {
  return Object.create(null) as Links;
}
