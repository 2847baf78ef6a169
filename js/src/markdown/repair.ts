/**
 * Makes the growing end of a Markdown text presentable: half-written syntax is completed or held
 * back, so that no marker flashes up and nothing changes its kind when the rest arrives.
 */

/** A last line that is so far only a marker: it may still become something else. */
const BARE_MARKER =
  /^[ \t]*(?:>[ \t]*)*(?:#{1,6}|[-+*](?:[ \t]+\[[ xX]?\]?)?|\d{1,9}[.)]?|[-=*_ ]{1,}|[`~]{1,2}|[`~]{3,}[^\n]*)?[ \t]*$/;
const BLOCK_START = /^[ \t]*(?:>|#{1,6}[ \t]|[-+*][ \t]|\d{1,9}[.)][ \t]|\|)/;
const TABLE_DELIMITER = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const PARTIAL_TAG = /<(?:\/?[a-z][\w-]*(?:\s+[\w:-]+="[^"<>]*"?)*(?:\s+[\w:-]{0,20})?|!-*|\/)?$/i;
const PARTIAL_LINK =
  /(!?)\[([^[\]\n]*)(?:\](?:\([^()\s]*(?:\([^()\s]*\)?[^()\s]*)?(?:\s+"[^"\n]*"?)?)?)?$/;
const PARTIAL_ENTITY = /&#?\w{0,12}$/;

/** `text` with its end completed; only for a text that is still being written. */
export function repair(text: string): string {
  if (insideFence(text)) return text.replace(/\n[ \t>]*[`~]{1,}$/, "\n");
  const held = holdTable(holdMarker(text));
  const start = inlineStart(held);
  return held.slice(0, start) + repairInline(held.slice(start));
}

/** A fence may be open anywhere in the tail, in a list for example. */
function insideFence(text: string): boolean {
  let open = "";
  const lines = text.split("\n");
  const whole = lines.slice(0, -1);
  for (const line of whole) {
    const fence = /^[ \t>]*(?:[-+*]|\d{1,9}[.)])?[ \t]*(`{3,}(?!.*`)|~{3,})(.*)$/.exec(line);
    const marker = fence?.[1] ?? "";
    if (marker === "") continue;
    if (open === "") open = marker;
    else if (marker.startsWith(open) && fence?.[2]?.trim() === "") open = "";
  }
  return open !== "";
}

function lastLineStart(text: string): number {
  return text.lastIndexOf("\n") + 1;
}

function holdMarker(text: string): string {
  const start = lastLineStart(text);
  return BARE_MARKER.test(text.slice(start)) ? text.slice(0, start) : text;
}

/** A table is one only with its delimiter row: until then its first lines would show as text. */
function holdTable(text: string): string {
  const start = text.lastIndexOf("\n\n") + 1;
  const offset = start === 0 ? 0 : start + 1;
  const lines = text.slice(offset).split("\n");
  const first = lines.findIndex((line) => /^[ \t]*\|/.test(line));
  if (first < 0) return text;
  const [, delimiter, next] = lines.slice(first);
  const known = delimiter !== undefined && next !== undefined && TABLE_DELIMITER.test(delimiter);
  const impossible = delimiter !== undefined && !/^[ \t|:-]*$/.test(delimiter);
  if (known || impossible) return text;
  return text.slice(0, offset) + lines.slice(0, first).join("\n");
}

/** Where the last paragraph, item or cell begins: inline syntax does not reach beyond. */
function inlineStart(text: string): number {
  let start = lastLineStart(text);
  while (start > 0) {
    const line = text.slice(start).split("\n", 1)[0] ?? "";
    if (line.trim() === "") return Math.min(text.length, start + line.length + 1);
    if (BLOCK_START.test(line)) break;
    start = text.lastIndexOf("\n", start - 2) + 1;
  }
  const last = text.slice(start);
  if (!/^[ \t]*\|/.test(last))
    return start + (/^[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+/.exec(last)?.[0].length ?? 0);
  return start + last.lastIndexOf("|") + 1;
}

const blank = (text: string) => "x".repeat(text.length);

/** Completes code, links, tags and emphasis in one paragraph's text. */
function repairInline(text: string): string {
  const masked = text
    .replace(/\\[^\n]/g, blank)
    .replace(/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, blank);
  const code = /(?<!`)(`+)(?!`)/.exec(masked);
  if (code !== null) return closeCode(text, code.index, code[1] ?? "`");
  const kept = cutPartial(text, masked);
  return closeEmphasis(kept.text, kept.masked);
}

function closeCode(text: string, index: number, run: string): string {
  const before = closeLater(text.slice(0, index));
  const content = text.slice(index + run.length).replace(/`+$/, "");
  if (content.trim() === "") return before.text.trimEnd() + before.closers;
  return `${before.text}${run}${content}${content.endsWith("`") ? " " : ""}${run}${before.closers}`;
}

function closeLater(text: string): { text: string; closers: string } {
  const masked = text
    .replace(/\\[^\n]/g, blank)
    .replace(/(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g, blank);
  return { text, closers: openDelimiters(`${masked}x`) };
}

interface Masked {
  text: string;
  masked: string;
}

const cut = ({ text, masked }: Masked, index: number, insert = ""): Masked => ({
  text: text.slice(0, index) + insert,
  masked: masked.slice(0, index) + insert,
});

/** Leaves out a half-written tag, entity, escape, link target or image. */
function cutPartial(text: string, masked: string): Masked {
  let state: Masked = { text, masked };
  for (const pattern of [PARTIAL_TAG, PARTIAL_ENTITY, /\\$/]) {
    const match = pattern.exec(state.masked);
    if (match !== null) state = cut(state, match.index);
  }
  const link = PARTIAL_LINK.exec(state.masked);
  if (link === null) return state;
  const label = state.text.substr(link.index + 1, link[2]?.length ?? 0);
  return cut(state, link.index, link[1] === "!" ? "" : label);
}

function closeEmphasis(text: string, masked: string): string {
  // A run at the very end could open or close: what it is shows with the next character.
  const run = /[*_~]+$/.exec(masked);
  const kept = run === null ? { text, masked } : cut({ text, masked }, run.index);
  const closers = openDelimiters(kept.masked);
  if (closers === "") return kept.text;
  const trimmed = kept.text.trimEnd();
  // Nothing but the opening marker so far: closing it would make a rule or an empty pair.
  if (/(?:^|\s)[*_~]+$/.test(trimmed)) return trimmed.replace(/[*_~]+$/, "");
  return trimmed + closers;
}

/** The delimiters that are open at the end of `masked`, in the order in which to close them. */
function openDelimiters(masked: string): string {
  const stack: string[] = [];
  for (const match of masked.matchAll(/\*+|_+|~~?/g)) {
    const run = match[0];
    const before = masked[match.index - 1] ?? " ";
    const after = masked[match.index + run.length] ?? " ";
    const intraword = run[0] === "_" && /\w/.test(before) && /\w/.test(after);
    const closes = !/\s/.test(before) && stack.length > 0 && !intraword;
    const rest = closes ? popDelimiters(stack, run) : run;
    if (rest !== "" && !/\s/.test(after) && !intraword) stack.push(rest);
  }
  return stack.reverse().join("");
}

/** Takes what `run` closes from the stack; gives back what of it is left over. */
function popDelimiters(stack: string[], run: string): string {
  let rest = run;
  while (rest !== "") {
    const top = stack.at(-1);
    if (top === undefined || top[0] !== rest[0]) return rest;
    stack.pop();
    if (top.length > rest.length) {
      stack.push(top.slice(rest.length));
      return "";
    }
    rest = rest.slice(top.length);
  }
  return rest;
}
