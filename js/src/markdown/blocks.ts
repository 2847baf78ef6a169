/**
 * Splits growing Markdown into closed blocks, rendered once and kept, and a tail that is rendered
 * again as it grows. The cost of a step depends on the tail, not on the length of the whole.
 */
import type { Token } from "marked";
import { type Links, lex, noLinks, toHtml } from "./render";
import { repair } from "./repair";

export interface Block {
  readonly id: number;
  readonly raw: string;
  /** Straight from the Markdown renderer: sanitize before showing. */
  readonly unsafeHtml: string;
}

/** A fence that has not been closed yet, and all of the text after it. */
export interface OpenCode {
  readonly id: number;
  readonly language: string;
  readonly text: string;
}

/** Ids go on from the closed blocks to the open ones: a block keeps its id when it closes. */
export interface Blocks {
  readonly closed: readonly Block[];
  /** Still growing, as far as it can be shown. */
  readonly open: readonly Block[];
  readonly code: OpenCode | null;
}

const FENCE = /^( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n/;
/** An HTML block with one of these may be closed by a later block; they are sanitized together. */
const CONTAINER =
  /<(\/?)(details|div|section|article|center|table|ul|ol|dl|blockquote|p)\b[^>]*>/gi;
/** A container that nobody closes must not make the rest of a long reply one block. */
const LONGEST_GROUP = 20_000;

export class BlockSplitter {
  #closed: Block[] = [];
  #closedText = "";
  #links: Links = noLinks();

  /** The blocks of `text`. Fast when `text` is the last one with something appended. */
  update(text: string, done: boolean): Blocks {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    if (!source.startsWith(this.#closedText)) this.#restart();
    if (done) {
      this.#close(source, true);
      return { closed: this.#closed, open: [], code: null };
    }
    let code = this.#openFence(source);
    if (code === null) {
      this.#close(source, false);
      code = this.#openFence(source);
    }
    return { closed: this.#closed, open: code ? [] : this.#open(source), code };
  }

  #openFence(source: string): OpenCode | null {
    const code = openFence(source.slice(this.#closedText.length));
    return code && { id: this.#closed.length, ...code };
  }

  #restart(): void {
    this.#closed = [];
    this.#closedText = "";
    this.#links = noLinks();
  }

  /** Moves every block that cannot change any more from the tail to the closed ones. */
  #close(source: string, done: boolean): void {
    const text = source.slice(this.#closedText.length);
    const links = Object.assign(noLinks(), this.#links);
    const groups = group(lex(text, links));
    const closable = done ? groups.length : countClosed(groups, text);
    if (closable === 0) return;
    const closing = groups.slice(0, closable);
    const added = Object.values(links).length > Object.values(this.#links).length;
    const blocks = closing.map((tokens, index) =>
      makeBlock(this.#closed.length + index, tokens, true),
    );
    this.#closed = [...this.#closed, ...blocks];
    this.#closedText += blocks.map((block) => block.raw).join("");
    if (added && closing.some((tokens) => tokens.some((token) => token.type === "def"))) {
      this.#links = links;
      this.#resolveReferences();
    }
  }

  /** A definition may come after its use: what may use it is rendered once more. */
  #resolveReferences(): void {
    this.#closed = this.#closed.map((block) => {
      if (!block.raw.includes("[")) return block;
      const unsafeHtml = toHtml(lex(block.raw, Object.assign(noLinks(), this.#links)), true);
      return unsafeHtml === block.unsafeHtml ? block : { ...block, unsafeHtml };
    });
  }

  #open(source: string): Block[] {
    const text = repair(source.slice(this.#closedText.length));
    if (text.trim() === "") return [];
    const tokens = lex(text, Object.assign(noLinks(), this.#links));
    return group(tokens).map((tokens, index) =>
      makeBlock(this.#closed.length + index, tokens, false),
    );
  }
}

function makeBlock(id: number, tokens: Token[], closed: boolean): Block {
  return { id, raw: rawOf(tokens), unsafeHtml: toHtml(tokens, closed) };
}

/** The tail as plain code when it begins with a fence that has not been closed yet. */
function openFence(text: string): Omit<OpenCode, "id"> | null {
  const lead = /^\n*/.exec(text)?.[0].length ?? 0;
  const body = text.slice(lead);
  const match = FENCE.exec(body);
  if (match === null) return null;
  const [opening, indent = "", fence = "", info = ""] = match;
  const closing = new RegExp(`^ {0,3}${fence[0]}{${fence.length},}[ \\t]*$`, "m");
  const rest = body.slice(opening.length);
  if (closing.test(rest)) return null;
  const language = /^[\w+#.-]+/.exec(info.trim())?.[0] ?? "";
  const code = rest.replace(/(^|\n) {0,3}(`{1,}|~{1,})$/, "$1");
  const dedented =
    indent === "" ? code : code.replace(new RegExp(`^ {0,${indent.length}}`, "gm"), "");
  return { language, text: dedented };
}

function rawOf(tokens: readonly Token[]): string {
  return tokens.map((token) => token.raw).join("");
}

/** Tokens that belong together: blank lines go with what stands before, open HTML with what follows. */
function group(tokens: readonly Token[]): Token[][] {
  const groups: Token[][] = [];
  let depth = 0;
  let length = 0;
  for (const token of tokens) {
    const joins = token.type === "space" || (depth > 0 && length < LONGEST_GROUP);
    const last = groups.at(-1);
    if (joins && last !== undefined) last.push(token);
    else groups.push([token]);
    length = joins ? length + token.raw.length : token.raw.length;
    if (!joins) depth = 0;
    if (token.type === "html") depth = Math.max(0, depth + opened(token.raw));
  }
  return groups;
}

function opened(html: string): number {
  let depth = 0;
  for (const match of html.matchAll(CONTAINER)) depth += match[1] === "/" ? -1 : 1;
  return depth;
}

/** All but the last group; and the next one counts as begun only once its first line is whole. */
function countClosed(groups: readonly Token[][], text: string): number {
  let end = text.length;
  let closed = groups.length;
  while (closed > 0) {
    closed -= 1;
    end -= rawOf(groups[closed] ?? []).length;
    if (text.slice(end).trimStart().includes("\n")) return closed;
  }
  return 0;
}
