/**
 * Makes the growing end of a Markdown text presentable: half-written syntax is completed or held
 * back, so that no marker flashes up and nothing changes its kind when the rest arrives.
 */
import type { Node as Block } from "commonmark";
import { extraOf } from "./block-rules";

/** A line that is so far only a marker: it may still become something else. */
const BARE_MARKER =
  /^[ \t]*(?:>[ \t]*)*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?:#{1,6}|[-+*](?:[ \t]+\[[ xX]?\]?)?|\[[ xX]?\]?|\d{1,9}[.)]?|[-=*_ ]+|[`~]{1,2}|[`~]{3,}[^\n]*|\[\^[^\]\n]*\]?:?|\$|\\)?[ \t]*$/;
const DELIMITER_START = /^[ \t]*[|:-][ \t|:-]*$/;
const DEFINITION = /^\[(?:[^\\[\]]|\\.)+\]:[ \t]*\S*(?:[ \t]+["'(][^\n]*)?[ \t]*$/;
const DEFINITION_START = /^\[(?:[^\\[\]\n]|\\.){0,80}\]?$/;
const PARTIAL_TAG =
  /<(?:\/?[a-z][\w-]*(?:\s+[\w:-]+=(?:"[^"<>]*"?|'[^'<>]*'?))*(?:\s+[\w:-]{0,20}=?)?\s*\/?|!-*|!--(?:(?!-->)[\s\S])*|\/)?$/i;
const PARTIAL_LINK =
  /(!?)\[([^[\]\n]*)(?:\](?:\([^()\s]*(?:\([^()\s]*\)?[^()\s]*)?(?:\s+"[^"\n]*"?)?)?)?$/;
const PARTIAL_ENTITY = /&#?\w{0,12}$/;
const ESCAPE = /\\[^\n]/g;
const CODE_SPAN = /(?<!`)(`+)(?!`)([\s\S]*?[^`])\1(?!`)/g;
const MATHS =
  /\$\$[^$]+\$\$|(?<!\w)\$(?![\s$])[^$\n]*?(?<![\s\\])\$(?!\d)|\\\(.+?\\\)|\\\[[\s\S]+?\\\]/g;
/** A digit behind the dollar is most often a price. */
const OPEN_MATHS = /(?:\$\$|(?<![\w$])\$(?![\s\d$])|\\\((?!\\)|\\\[(?!\\))([^\n$]*)$/;

/** What of a line that has only begun can be tried on; null when nothing can. */
export function holdLine(line: string, tip: Block): string | null {
  if (line === "") return null;
  if (tip.type === "code_block" && tip._isFenced) return /^[ \t>]*[`~]+$/.test(line) ? null : line;
  if (tip.type === "html_block") return line;
  if (tip.type === "maths" && !extraOf(tip).ended) return line.replace(/[$\\]+$/, "") || null;
  return BARE_MARKER.test(line) ? null : line;
}

/** A table is one only with its delimiter row: until then its first lines would show as text. */
export function holdTable(text: string): string {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const before = lines.at(-2);
  const delimiter = DELIMITER_START.test(last);
  if (before?.includes("|") && delimiter) return lines.slice(0, -2).join("\n");
  const head = /^[ \t]*\|/.test(last) && !/^[ \t]*\|/.test(before ?? "");
  return head ? lines.slice(0, -1).join("\n") : text;
}

/** A definition at a paragraph's beginning is never shown, nor is what may become one. */
export function holdDefinition(text: string): string {
  if (DEFINITION_START.test(text)) return "";
  const lines = text.split("\n");
  const first = lines.findIndex((line) => !DEFINITION.test(line));
  return first < 0 ? "" : lines.slice(first).join("\n");
}

const blank = (text: string) => "x".repeat(text.length);

/** The text with everything blanked out in which markers do not count. */
const mask = (text: string) =>
  text
    .replace(MATHS, (found) => (/[`]/.test(found) ? found : blank(found)))
    .replace(/\\\(|\\\[/g, "\\\\")
    .replace(ESCAPE, blank)
    .replace(CODE_SPAN, blank);

/** Completes code, maths, links, tags and emphasis in one growing paragraph's text. */
export function repairInline(text: string): string {
  const masked = mask(text);
  const code = /(?<!`)(`+)(?!`)/.exec(masked);
  if (code !== null) return closeCode(text, code.index, code[1] ?? "`");
  const maths = openMaths(text);
  if (maths !== null) return closeMaths(text, maths);
  return closeEmphasis(cutPartial(masked.endsWith("$") ? text.slice(0, -1) : text, masked));
}

/** Where a formula begins that has not ended yet. */
function openMaths(text: string): RegExpExecArray | null {
  const found = OPEN_MATHS.exec(
    text
      .replace(CODE_SPAN, blank)
      .replace(MATHS, blank)
      .replace(/\\[^\n([]/g, blank),
  );
  return found;
}

function closeMaths(text: string, found: RegExpExecArray): string {
  const marker = found[0].length - (found[1] ?? "").length;
  const before = text.slice(0, found.index);
  const closers = openDelimiters(`${mask(before)}x`);
  const tex = text
    .slice(found.index + marker)
    .replace(/\\?[)\]]?$/, "")
    .trim();
  if (tex === "") return closeEmphasis({ text: before, masked: mask(before) });
  const ticks = "`".repeat(1 + longestRun(tex));
  const space = tex.startsWith("`") || tex.endsWith("`") ? " " : "";
  return `${before}${ticks}${space}${tex}${space}${ticks}${closers}`;
}

const longestRun = (text: string) =>
  Math.max(0, ...Array.from(text.matchAll(/`+/g), (match) => match[0].length));

function closeCode(text: string, index: number, run: string): string {
  const before = text.slice(0, index);
  const closers = openDelimiters(`${mask(before)}x`);
  const content = text.slice(index + run.length).replace(/`+$/, "");
  if (content.trim() === "") return before.trimEnd() + closers;
  return `${before}${run}${content}${content.endsWith("`") ? " " : ""}${run}${closers}`;
}

interface Masked {
  text: string;
  masked: string;
}

const cut = ({ text, masked }: Masked, index: number, insert = ""): Masked => ({
  text: text.slice(0, index) + insert,
  masked: masked.slice(0, index) + insert,
});

/** Leaves out a half-written tag, entity, escape, link target, image or footnote mark. */
function cutPartial(text: string, masked: string): Masked {
  let state: Masked = { text, masked: masked.slice(0, text.length) };
  for (const pattern of [PARTIAL_TAG, PARTIAL_ENTITY, /\\$/]) {
    const match = pattern.exec(state.masked);
    if (match !== null) state = cut(state, match.index);
  }
  const link = PARTIAL_LINK.exec(state.masked);
  if (link === null) return state;
  const label = state.text.substr(link.index + 1, link[2]?.length ?? 0);
  if (label.startsWith("^")) return link[0].endsWith("]") ? state : cut(state, link.index);
  return cut(state, link.index, link[1] === "!" ? "" : label);
}

function closeEmphasis({ text, masked }: Masked): string {
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
  for (const match of masked.matchAll(/\*+|_+|~~/g)) {
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
