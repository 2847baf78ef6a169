/**
 * Markdown that grows, in the page: whole lines go into the parser and what they close is shown for
 * good; the line still being written is tried on, shown, and taken back.
 */

import { LineParser } from "./block-parser";
import { CodePart } from "./code-part";
import { ItemPart, ListPart, NotePart, QuotePart, RootPart } from "./container-parts";
import { Footnotes } from "./footnotes";
import { HtmlPart } from "./html-part";
import { InlineReader } from "./inlines";
import { settleMaths } from "./maths";
import { MathsPart, RulePart } from "./plain-parts";
import { holdLine } from "./repair";
import { RowPart } from "./row-part";
import { TablePart } from "./table-part";
import { TextPart } from "./text-part";
import { kindOf } from "./unit";
import type { Part, Refreshable, Scope, Unit } from "./view";

export interface LiveOptions {
  /** Whether code gets a button that puts it into a new cell. */
  insert?: boolean;
}

/** After so much that was read, what it closed is put into the page, and the time is looked at. */
const PIECE = 1000;

export class LiveMarkdown {
  readonly #element: HTMLElement;
  readonly #insert: boolean;
  #text: TextInParts;
  #fed = "";
  #done = false;

  constructor(element: HTMLElement, { insert = false }: LiveOptions = {}) {
    this.#element = element;
    this.#insert = insert;
    this.#text = new TextInParts(element, insert);
  }

  /**
   * Shows `text`, or its beginning when there is no time for more; returns what is shown. Fast when
   * it is the last one with something appended.
   */
  update(text: string, done: boolean, hasTime: () => boolean = () => true): string {
    const source = normalize(text, done);
    if (this.#done ? source !== this.#fed : !source.startsWith(this.#fed)) this.#restart();
    if (this.#done) return text;
    const end = source.lastIndexOf("\n") + 1;
    const left = source.length - this.#feed(source, end, hasTime);
    if (left > source.length - end) {
      this.#text.show("");
      this.#fed = source.slice(0, -left);
      return text.slice(0, -left);
    }
    const rest = source.slice(end);
    if (done) this.#text.finish(rest);
    else this.#text.show(rest);
    this.#fed = done ? source : source.slice(0, end);
    this.#done = done;
    return text;
  }

  /** Takes in whole lines up to `end`, as long as there is time; returns where it stopped. */
  #feed(source: string, end: number, hasTime: () => boolean): number {
    let from = this.#fed.length;
    for (let look = from + PIECE; from < end; ) {
      if (from >= look) {
        this.#text.settle();
        if (!hasTime()) break;
        look = from + PIECE;
      }
      const to = source.indexOf("\n", from);
      this.#text.feed(source.slice(from, to));
      from = to + 1;
    }
    return from;
  }

  #restart(): void {
    this.#element.replaceChildren();
    this.#text = new TextInParts(this.#element, this.#insert);
    this.#fed = "";
    this.#done = false;
  }
}

/** One line ending for all; a carriage return at the very end may be half of one. */
function normalize(text: string, done: boolean): string {
  if (!text.includes("\r")) return text;
  return (done ? text : text.replace(/\r$/, "")).replace(/\r\n?/g, "\n");
}

/** The parser and the parts of one text. */
class TextInParts implements Scope {
  readonly notes: Footnotes;
  readonly reader: InlineReader;
  readonly insert: boolean;
  readonly #element: HTMLElement;
  readonly #parser = new LineParser();
  readonly #root: RootPart;
  readonly #waiting = new Map<string, Set<Refreshable>>();

  constructor(element: HTMLElement, insert: boolean) {
    this.#element = element;
    this.insert = insert;
    this.notes = new Footnotes(element);
    this.reader = new InlineReader(this.#parser.core.inlineParser, this.#parser.references);
    this.#root = new RootPart(element, this);
  }

  feed(line: string): void {
    this.#parser.feed(line);
  }

  /** Shows all as it is, and `rest`, the beginning of the next line. */
  show(rest: string): void {
    this.settle();
    const line = holdLine(rest, this.#parser.core.tip);
    this.#parser.trial(line, () => this.#root.show(this.#parser.document, "show"));
    this.notes.settle(false);
    settleMaths(this.#element);
  }

  /** Shows all as it stays, with `rest`, the last line. */
  finish(rest: string): void {
    if (rest !== "") this.#parser.feed(rest);
    this.#parser.finish();
    this.settle();
    this.reader.isNote = (label) => this.notes.isDefined(label);
    for (const part of this.notes.usersOfMissing()) part.refresh();
    this.notes.settle(true);
    settleMaths(this.#element);
  }

  await(labels: Iterable<string>, part: Refreshable): void {
    for (const label of labels) {
      const parts = this.#waiting.get(label) ?? new Set();
      this.#waiting.set(label, parts.add(part));
    }
  }

  make(unit: Unit, tight: boolean): Part {
    const kind = kindOf(unit);
    const [block] = unit.blocks;
    switch (block.type) {
      case "html_block":
        return new HtmlPart(this);
      case "heading":
        return new TextPart(kind, `h${block._level}`, this, false, false);
      case "code_block":
        return new CodePart(this);
      case "thematic_break":
        return new RulePart();
      case "maths":
        return new MathsPart();
      case "block_quote":
        return new QuotePart(kind, this);
      case "list":
        return new ListPart(kind, this);
      case "item":
        return new ItemPart(this, tight);
      case "table":
        return new TablePart(kind, this);
      case "table_row":
        return new RowPart(this);
      case "footnote":
        return new NotePart(kind, this);
      default:
        return new TextPart(kind, "p", this, tight, isTask(unit));
    }
  }

  /** Shows what is closed. */
  settle(): void {
    this.#root.show(this.#parser.document, "settle");
    const { added } = this.#parser.references;
    for (const label of added) {
      const parts = this.#waiting.get(label) ?? [];
      this.#waiting.delete(label);
      for (const part of parts) part.refresh();
    }
    added.clear();
  }
}

/** Only an item's first paragraph may begin with a checkbox. */
const isTask = ({ blocks: [block] }: Unit) =>
  block._prev === null && block._parent?.type === "item";
