/**
 * JSON as it is written, also while it is being written: numbers keep their digits (JavaScript's
 * would round them), and a text that stops anywhere gives what there is by then. One pass.
 */

export type Json =
  | { kind: "text"; text: string }
  /** A number, true, false or null, as written. */
  | { kind: "literal"; source: string }
  | { kind: "list"; items: Json[] }
  | { kind: "object"; entries: Map<string, Json> };

/** Deeper than this nobody reads, and what reads it in turn may have less of a stack. */
const DEEPEST = 100;
const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON does not take them in strings
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const BEGUN_NUMBER = /^-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][-+]?\d*)?$/;
/** What may follow a number that is cut: a sign, a point, an exponent's first digits. */
const LONGEST_REST = 4;
const WORDS = ["true", "false", "null"];

/** It is not JSON, and no beginning of it. */
class NotJson extends Error {}

/** The JSON that `text` is; null when it is none, or not whole. */
export function readJson(text: string): Json | null {
  const read = readGrowing(text);
  return read?.whole ? read.value : null;
}

/** The JSON in `text`, which may stop anywhere; null when it is none, or nothing is there yet. */
export function readGrowing(text: string): { value: Json; whole: boolean } | null {
  const reader = new Reader(text);
  try {
    const value = reader.value(0);
    reader.space();
    if (!reader.atEnd || value === undefined) return null;
    return { value, whole: !reader.short };
  } catch (error) {
    if (error instanceof NotJson) return null;
    throw error;
  }
}

class Reader {
  /** Whether the text stopped before what it says was whole. */
  short = false;
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  space(): void {
    this.#take(SPACE);
  }

  /** The value that begins here; undefined where too little of it is there. */
  value(depth: number): Json | undefined {
    if (depth > DEEPEST) throw new NotJson();
    this.space();
    switch (this.#text[this.#at]) {
      case undefined:
        this.short = true;
        return undefined;
      case '"':
        return { kind: "text", text: this.#string() };
      case "[":
        return this.#list(depth);
      case "{":
        return this.#object(depth);
      default:
        return this.#literal();
    }
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #string(): string {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      this.#take(PLAIN);
      if (this.#text[this.#at] === '"') break;
      if (this.atEnd) return this.#cutString(start);
      if (this.#take(ESCAPE) === "") {
        // An escape of which the end is missing, and nothing else: the text stops in it.
        if (!/^\\(?:u[\da-fA-F]{0,3})?$/.test(this.#text.slice(this.#at))) throw new NotJson();
        const said = this.#cutString(start);
        this.#at = this.#text.length;
        return said;
      }
    }
    this.#at += 1;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  /** What is there of a string; of a character in two halves not the first alone. */
  #cutString(start: number): string {
    this.short = true;
    const said = JSON.parse(`${this.#text.slice(start, this.#at)}"`) as string;
    return said.replace(/[\ud800-\udbff]$/, "");
  }

  #list(depth: number): Json {
    const items: Json[] = [];
    this.#each("]", () => {
      const item = this.value(depth + 1);
      if (item !== undefined) items.push(item);
    });
    return { kind: "list", items };
  }

  #object(depth: number): Json {
    const entries = new Map<string, Json>();
    this.#each("}", () => {
      if (this.#text[this.#at] !== '"') throw new NotJson();
      const name = this.#string();
      this.space();
      if (this.atEnd) this.short = true;
      if (this.short) return;
      this.#expect(":");
      const item = this.value(depth + 1);
      if (item !== undefined) entries.set(name, item);
    });
    return { kind: "object", entries };
  }

  /** Reads members, with commas between them, up to `close` or the end of the text. */
  #each(close: string, member: () => void): void {
    this.#at += 1;
    this.space();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.space();
      if (this.atEnd) this.short = true;
      if (this.short) return;
      member();
      this.space();
      if (this.atEnd) this.short = true;
      if (this.short) return;
      if (this.#text[this.#at] === close) break;
      this.#expect(",");
    }
    this.#at += 1;
  }

  #expect(mark: string): void {
    if (this.#text[this.#at] !== mark) throw new NotJson();
    this.#at += 1;
  }

  #literal(): Json | undefined {
    const rest = this.#text.slice(this.#at, this.#at + 5);
    const word = WORDS.find((known) => rest.startsWith(known));
    if (word !== undefined) {
      this.#at += word.length;
      return { kind: "literal", source: word };
    }
    if (WORDS.some((known) => known.startsWith(rest))) return this.#nothingYet();
    return this.#number();
  }

  #number(): Json | undefined {
    const source = this.#take(NUMBER);
    const rest = this.#text.slice(this.#at);
    if (rest.length < LONGEST_REST && BEGUN_NUMBER.test(source + rest) && rest !== "") {
      this.#nothingYet();
    } else if (source === "") throw new NotJson();
    return source === "" ? undefined : { kind: "literal", source };
  }

  #nothingYet(): undefined {
    this.#at = this.#text.length;
    this.short = true;
    return undefined;
  }
}
