/**
 * commonmark.js's inline parser with what else people write: ~~struck~~, footnote references, maths,
 * bare addresses. It tells whether what it read could still change when more text comes.
 */
import { type InlineParser, Node } from "commonmark";
import { joinTexts, linkAddresses, textNode } from "./autolink";
import { normalizeLabel } from "./block-rules";
import { processEmphasis, TILDE } from "./emphasis";
import type { References } from "./references";

const DOLLAR = 36;
const BACKSLASH = 92;
const BRACKET = 91;
const LESS = 60;
const TICK = 96;
const ORDINARY = /^[^\n`[\]\\!<&*_'"~$]+/;
const NOTE = /^\[\^([^\]\s^[]{1,100})\](?!\(|\[(?!\^))/;
/** Pandoc's rule: no space inside the dollars, and no digit behind the last one. */
const DOLLARS = [
  /^\$\$((?:[^$\\]|\\[\s\S]){1,10000}?)\$\$/,
  /^\$(?![\s$])((?:[^$\\]|\\[\s\S]){0,2000}?(?:[^$\\\s]|\\[\s\S]))\$(?![\d$])/,
] as const;
const SLASHES = [
  /^\\\[(?!\\\])([\s\S]{1,10000}?)\\\]/,
  /^\\\((?!\\\))([\s\S]{1,2000}?)\\\)/,
] as const;

export interface Inlines {
  /** Its children are the inline nodes. */
  readonly root: Node;
  /** Whether later text of the same paragraph can change how this one was read. */
  readonly unsettled: boolean;
  /** Footnotes referred to, in order. */
  readonly notes: readonly string[];
  /** Link labels that have no definition yet. */
  readonly missed: readonly string[];
}

export class InlineReader {
  /** Whether there is a footnote of this (normalized) label. */
  isNote: (label: string) => boolean = () => true;
  readonly #parser: InlineParser;
  readonly #references: References;
  readonly #backslash: (block: Node) => boolean;
  readonly #original: (block: Node) => boolean;
  #unsettled = false;
  #notes: string[] = [];

  constructor(parser: InlineParser, references: References) {
    this.#parser = parser;
    this.#references = references;
    this.#original = parser.parseInline.bind(parser);
    this.#backslash = parser.parseBackslash.bind(parser);
    this.#extend(parser);
  }

  read(text: string): Inlines {
    const parser = this.#parser;
    const root = new Node("paragraph");
    this.#references.missed.clear();
    this.#notes = [];
    this.#unsettled = false;
    parser.subject = text;
    parser.pos = 0;
    parser.delimiters = null;
    parser.brackets = null;
    while (parser.parseInline(root)) {
      // Each call appends what it read.
    }
    if (parser.brackets) this.#unsettled = true;
    parser.processEmphasis(null);
    joinTexts(root);
    linkAddresses(root);
    return {
      root,
      unsettled: this.#unsettled,
      notes: this.#notes,
      missed: [...this.#references.missed],
    };
  }

  #extend(parser: InlineParser): void {
    parser.processEmphasis = (bottom) => {
      // Inside a link that has been closed nothing can change any more.
      if (processEmphasis(parser, bottom) && bottom === null) this.#unsettled = true;
    };
    parser.parseBackslash = (block) => this.#maths(block, SLASHES) || this.#backslash(block);
    parser.parseString = (block) => {
      const text = parser.match(ORDINARY);
      if (text !== null) block.appendChild(textNode(text));
      return text !== null;
    };
    parser.parseInline = (block) => {
      const code = parser.peek();
      if (code === TILDE && this.#tildes(block)) return true;
      if (code === DOLLAR && this.#maths(block, DOLLARS)) return true;
      if (code === BRACKET && this.#note(block)) return true;
      const before = parser.pos;
      const read = this.#original(block);
      this.#watch(code, before, block);
      return read;
    };
  }

  /** What began like something and was read as text may still become it. */
  #watch(code: number, before: number, block: Node): void {
    if (block._lastChild?.type !== "text") return;
    const { subject } = this.#parser;
    if (code === TICK || code === DOLLAR) this.#unsettled = true;
    else if (code === BACKSLASH && /[[(]/.test(subject[before + 1] ?? "")) this.#unsettled = true;
    else if (code === LESS && /[\w!?/]/.test(subject[before + 1] ?? "")) this.#unsettled = true;
    else if (code === 93 && /[([]/.test(subject[before + 1] ?? "")) this.#unsettled = true;
  }

  #tildes(block: Node): boolean {
    const run = /^~+/.exec(this.#parser.subject.slice(this.#parser.pos))?.[0] ?? "";
    if (run.length <= 2) {
      const read = this.#parser.handleDelim(TILDE, block);
      const delimiter = this.#parser.delimiters;
      // As in "5~10": between words one alone means "about" far more often.
      if (run.length === 1 && delimiter?.can_open && delimiter.can_close)
        this.#parser.removeDelimiter(delimiter);
      return read;
    }
    this.#parser.pos += run.length;
    block.appendChild(textNode(run));
    return true;
  }

  #maths(block: Node, [display, inline]: readonly [RegExp, RegExp]): boolean {
    const { subject, pos } = this.#parser;
    const rest = subject.slice(pos);
    const shown = display.exec(rest);
    // As in US$20: what is written to a word is a currency.
    const word = subject[pos] === "$" && /\w/.test(subject[pos - 1] ?? "");
    const match = shown ?? (word ? null : inline.exec(rest));
    const tex = match?.[1]?.trim();
    // Escaped punctuation is what CommonMark means by these.
    if (match === null || !tex || !/[\p{L}\d]/u.test(tex)) return false;
    const node = new Node(shown ? "maths_display" : "maths_inline");
    node._literal = tex;
    this.#parser.pos += match[0].length;
    block.appendChild(node);
    return true;
  }

  #note(block: Node): boolean {
    const match = NOTE.exec(this.#parser.subject.slice(this.#parser.pos));
    if (match === null) return false;
    const label = normalizeLabel(match[1] ?? "");
    if (!this.isNote(label)) return false;
    const node = new Node("note");
    node._literal = label;
    this.#parser.pos += match[0].length;
    this.#notes.push(label);
    block.appendChild(node);
    return true;
  }
}
