/** Markdown as it is read aloud: words without marks, and only sentences that are finished. */

/** What is spoken of one answer; the rest is there to be read. */
export const LONGEST = 1200;
/** So much of the source is looked at: marks and addresses take room that is not spoken. */
export const SOURCE = 4 * LONGEST;

const FENCE = /^\s*(`{3,}|~{3,})\s*([\w+#-]*)/;
const ROW = /^\s*\|/;
/** A last line that may yet begin code or go on with a table. */
const MAY_BECOME = /^\s*[`~|]/;
const LINK = /!?\[([^\]]*)\]\((?:[^()]|\([^()]*\))*\)/g;
const OPEN_LINK = /!?\[[^\]]*(?:\](?:\((?:[^()]|\([^()]*\)?)*)?)?$/;
const MARKS = /\*+|~~|`+|^\s*(?:#{1,6}\s+|>\s?|[-+]\s+(?:\[[ x]\]\s+)?)/g;
/** Where a sentence ends: a stop with a space after it, or a full-width stop. */
const END = /[.!?…:][)"'»”]*(?=\s)|[。！？]/g;

/**
 * What of `text` can be spoken, at most LONGEST characters: all of it when it is `done`, else up to
 * the end of its last finished sentence. As `text` grows, what was returned before is its beginning.
 */
export function speakable(text: string, done: boolean): string {
  return new Reading(text.slice(0, SOURCE), done && text.length <= SOURCE).text.slice(0, LONGEST);
}

/** Whether more was said than is spoken. */
export const isCut = (text: string): boolean =>
  text.length > SOURCE || new Reading(text, true).text.length > LONGEST;

/** One pass over the lines; code and tables are named, not spelt. */
class Reading {
  readonly #spoken: string[] = [];
  #code: { fence: string; words: string } | null = null;
  #rows: string[] = [];

  constructor(source: string, done: boolean) {
    const lines = source.split("\n");
    // What comes next may change what a last line is.
    const last = done ? "" : (lines.pop() ?? "");
    for (const line of lines) this.#line(line);
    if (done) {
      this.#endTable();
      if (this.#code) this.#spoken.push(this.#code.words);
    } else if (this.#code === null && last.trim() !== "" && !MAY_BECOME.test(last)) {
      this.#endTable();
      this.#say(finished(last));
    }
  }

  get text(): string {
    return this.#spoken.join("\n");
  }

  #line(line: string): void {
    if (this.#code !== null) {
      if (!line.trim().startsWith(this.#code.fence)) return;
      this.#spoken.push(this.#code.words);
      this.#code = null;
    } else if (ROW.test(line)) this.#rows.push(line);
    else {
      this.#endTable();
      const [, fence, language] = FENCE.exec(line) ?? [];
      if (fence === undefined) this.#say(withoutMarks(line));
      else this.#code = { fence, words: language ? `Code in ${language}.` : "Code." };
    }
  }

  #endTable(): void {
    const [row] = this.#rows;
    if (row !== undefined) this.#say(this.#rows.length > 1 ? "A table." : withoutMarks(row));
    this.#rows = [];
  }

  #say(words: string): void {
    if (words.trim() !== "") this.#spoken.push(words.trim());
  }
}

/** The finished sentences of a line that is not. */
function finished(line: string): string {
  const plain = withoutMarks(line.replace(LINK, "$1").replace(OPEN_LINK, ""));
  let end = 0;
  for (const match of plain.matchAll(END)) end = match.index + match[0].length;
  return plain.slice(0, end);
}

const withoutMarks = (line: string) => line.replace(LINK, "$1").replace(MARKS, "");
