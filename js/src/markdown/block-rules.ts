/** Blocks that CommonMark does not have: tables, maths between $$ or \[ \], footnote definitions. */
import { type BlockParser, type BlockRule, Node, type Started } from "commonmark";
import { type Align, parseDelimiterRow, splitRow } from "./table";

/** What our own blocks keep on their node. */
export interface Extra {
  /** Of a table. */
  aligns?: Align[];
  /** Of a footnote definition. */
  label?: string;
  /** Of maths: what ends it, and whether that has come. */
  ending?: string;
  ended?: boolean;
}

declare module "commonmark" {
  interface Node {
    /** Never changed in place: a line that is only tried on is undone by putting the old one back. */
    _extra?: Extra;
  }
}

export const extraOf = (node: Node): Extra => node._extra ?? {};

function setExtra(node: Node, extra: Extra): void {
  node._extra = { ...node._extra, ...extra };
}

/** Labels are compared as link labels are. */
export const normalizeLabel = (label: string) =>
  label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase();

const FOOTNOTE = /^\[\^([^\]\s^[]{1,100})\]:[ \t]*/;
const LINE_OF_SPACES = /^[ \t]*$/;

const restOf = (parser: BlockParser) => parser.currentLine.slice(parser.nextNonspace);
const skipLine = (parser: BlockParser) =>
  parser.advanceOffset(parser.currentLine.length - parser.offset, false);

const table: BlockRule = {
  continue: (parser) => (parser.blank ? 1 : 0),
  finalize: () => {},
  canContain: (type) => type === "table_row",
  acceptsLines: false,
};

const tableRow: BlockRule = {
  continue: () => 1,
  finalize: () => {},
  canContain: () => false,
  acceptsLines: false,
};

const footnote: BlockRule = {
  continue: (parser, container) => {
    if (parser.blank) {
      if (container._firstChild === null) return 1;
      parser.advanceNextNonspace();
      return 0;
    }
    if (!parser.indented) return 1;
    parser.advanceOffset(4, true);
    return 0;
  },
  finalize: () => {},
  canContain: (type) => type !== "item",
  acceptsLines: false,
};

const maths: BlockRule = {
  continue: (parser, container) => {
    const { ending = "$$", ended = false } = extraOf(container);
    if (ended || parser.blank) return 1;
    const rest = restOf(parser).trimEnd();
    if (!rest.endsWith(ending)) return 0;
    container._string_content += `${rest.slice(0, -ending.length)}\n`;
    setExtra(container, { ended: true });
    parser.finalize(container, parser.lineNumber);
    return 2;
  },
  finalize: (_parser, block) => {
    if (extraOf(block).ended) return;
    // Nothing ended it: these were words all along.
    block._type = "paragraph";
    block._string_content = (extraOf(block).ending === "$$" ? "$$" : "\\[") + block._string_content;
  },
  canContain: () => false,
  acceptsLines: true,
};

/** A delimiter row below a paragraph's last line makes that line a table's head. */
function startTable(parser: BlockParser, container: Node): Started {
  if (parser.indented || container.type !== "paragraph") return 0;
  const aligns = parseDelimiterRow(restOf(parser));
  if (aligns === null) return 0;
  const lines = (container._string_content ?? "").trimEnd().split("\n");
  const head = lines.pop() ?? "";
  if (splitRow(head).length !== aligns.length) return 0;
  parser.closeUnmatchedBlocks();
  const block = new Node("table", [
    [parser.lineNumber - 1, 1],
    [0, 0],
  ]);
  container.insertAfter(block);
  if (lines.length === 0) container.unlink();
  else closeShortened(parser, container, lines);
  setExtra(block, { aligns });
  parser.tip = block;
  addRow(parser, head);
  skipLine(parser);
  return 2;
}

function closeShortened(parser: BlockParser, paragraph: Node, lines: readonly string[]): void {
  paragraph._string_content = `${lines.join("\n")}\n`;
  parser.finalize(paragraph, parser.lineNumber - 2);
}

/** Adds a row to the table at the tip; a row is whole with its line. */
export function addRow(parser: BlockParser, line: string): void {
  const row = parser.addChild("table_row", parser.offset);
  row._string_content = line;
  parser.finalize(row, parser.lineNumber);
}

function startFootnote(parser: BlockParser): Started {
  const match = parser.indented ? null : FOOTNOTE.exec(restOf(parser));
  if (match === null) return 0;
  parser.advanceNextNonspace();
  parser.advanceOffset(match[0].length, false);
  parser.closeUnmatchedBlocks();
  const block = parser.addChild("footnote", parser.nextNonspace);
  setExtra(block, { label: normalizeLabel(match[1] ?? "") });
  return 1;
}

function startMaths(parser: BlockParser, container: Node): Started {
  const rest = restOf(parser).trimEnd();
  const ending = parser.indented ? undefined : endingOf(rest);
  if (ending === undefined) return 0;
  const body = rest.slice(2);
  const at = body.indexOf(ending);
  // Words behind the end: a paragraph with maths in it.
  const whole = at >= 0 && at === body.length - 2;
  if ((at >= 0 && !whole) || (whole && LINE_OF_SPACES.test(body.slice(0, at)))) return 0;
  // In the middle of a paragraph \[ may as well be an escaped bracket.
  if (container.type === "paragraph" && !whole && body !== "") return 0;
  parser.closeUnmatchedBlocks();
  const block = parser.addChild("maths", parser.nextNonspace);
  setExtra(block, { ending, ended: whole });
  parser.advanceNextNonspace();
  if (whole) {
    block._string_content = `${body.slice(0, at)}\n`;
    skipLine(parser);
  } else {
    parser.advanceOffset(2, false);
  }
  return 2;
}

function endingOf(line: string): string | undefined {
  if (line.startsWith("$$")) return "$$";
  return line.startsWith("\\[") ? "\\]" : undefined;
}

/** Adds our blocks to a parser's. Those of one parser are those of all: the library shares them. */
export function addBlockRules(parser: BlockParser): void {
  Object.assign(parser.blocks, { table, table_row: tableRow, footnote, maths });
  parser.blockStarts = [startTable, startFootnote, startMaths, ...parser.blockStarts];
}
