/** commonmark.js's block parser, driven line by line, with our own blocks and a way to try a line. */
import { type BlockParser, Node, Parser } from "commonmark";
import { addBlockRules, addRow } from "./block-rules";
import { References } from "./references";

/** Lines that begin otherwise cannot start a block: most lines of prose. */
const MAY_START = /^[#`~*+_=<>0-9|:$\\[-]/;
const HTML_ENDS = [/<\/(?:script|pre|textarea|style)>/i, /-->/, /\?>/, />/, /\]\]>/];

export class LineParser {
  readonly references = new References();
  readonly core: BlockParser;

  constructor() {
    this.core = new Parser();
    addBlockRules(this.core);
    const { paragraph } = this.core.blocks;
    if (paragraph) {
      paragraph.finalize = (parser, block) => takeReferences(parser, block);
      // Ours go with each paragraph: at the end of the document would be too late for a stream.
      if (this.core.blocks.document) this.core.blocks.document.finalize = () => {};
    }
    this.core.doc = new Node("document", [
      [1, 1],
      [0, 0],
    ]);
    this.core.tip = this.core.doc;
    this.core.oldtip = this.core.doc;
    this.core.refmap = this.references.map;
    this.core.inlineParser.refmap = this.references.map;
  }

  get document(): Node {
    return this.core.doc;
  }

  /** Takes in one whole line, without its ending. */
  feed(line: string): void {
    incorporate(this.core, line.replaceAll("\0", "\uFFFD"));
  }

  /** Closes everything: no line comes any more. */
  finish(): void {
    const lines = this.core.lineNumber;
    let tip: Node | null = this.core.tip;
    while (tip) {
      this.core.finalize(tip, lines);
      tip = this.core.tip;
    }
  }

  /** Calls `look` as if `line` had been fed (nothing when null), and then takes it back. */
  trial(line: string | null, look: () => void): void {
    if (line === null) {
      look();
      return;
    }
    const restore = snapshot(this.core);
    this.references.beginTrial();
    try {
      this.feed(line);
      look();
    } finally {
      this.references.endTrial();
      restore();
    }
  }
}

/** Reference definitions at a paragraph's beginning; the paragraph may be empty then. */
function takeReferences(parser: BlockParser, block: Node): void {
  let text = block._string_content ?? "";
  while (text.startsWith("[")) {
    const end = parser.inlineParser.parseReference(text, parser.refmap);
    if (end === 0) break;
    text = text.slice(end);
  }
  block._string_content = text;
}

/** Remembers what a line can change: the parser's own fields and the open blocks, down to the tip. */
function snapshot(parser: BlockParser): () => void {
  const fields = { ...parser };
  const nodes: [Node, Node][] = [];
  let node: Node | null = parser.doc;
  while (node) {
    nodes.push([node, copyOf(node)]);
    // A paragraph that becomes something else is taken out of its neighbour's hands.
    if (node._prev) nodes.push([node._prev, copyOf(node._prev)]);
    node = node._open ? node._lastChild : null;
  }
  return () => {
    Object.assign(parser, fields);
    for (const [target, copy] of nodes) Object.assign(target, copy);
  };
}

function copyOf(node: Node): Node {
  const [start, end] = node._sourcepos;
  return { ...node, _sourcepos: [[...start], [...end]], _listData: { ...node._listData } } as Node;
}

/** commonmark.js's incorporateLine, with more characters that may start a block, and table rows. */
function incorporate(parser: BlockParser, line: string): void {
  parser.oldtip = parser.tip;
  parser.offset = 0;
  parser.column = 0;
  parser.blank = false;
  parser.partiallyConsumedTab = false;
  parser.lineNumber += 1;
  parser.currentLine = line;
  const matched = matchOpenBlocks(parser);
  if (matched === null) return;
  parser.allClosed = matched === parser.oldtip;
  parser.lastMatchedContainer = matched;
  addText(parser, startBlocks(parser, matched));
  parser.lastLineLength = line.length;
}

/** The innermost open block that the line goes on with; null when the line closed one. */
function matchOpenBlocks(parser: BlockParser): Node | null {
  let container = parser.doc;
  for (let child = container._lastChild; child?._open; child = container._lastChild) {
    parser.findNextNonspace();
    const result = parser.blocks[child.type]?.continue(parser, child) ?? 1;
    if (result === 2) return null;
    if (result === 1) break;
    container = child;
  }
  return container;
}

/** Opens the blocks that begin on this line; returns the one that its text belongs to. */
function startBlocks(parser: BlockParser, matched: Node): Node {
  let container = matched;
  let leaf = container.type !== "paragraph" && parser.blocks[container.type]?.acceptsLines === true;
  while (!leaf) {
    parser.findNextNonspace();
    const may = parser.indented || MAY_START.test(parser.currentLine.slice(parser.nextNonspace));
    const started = may ? startOne(parser, container) : 0;
    if (started === 0) {
      parser.advanceNextNonspace();
      break;
    }
    container = parser.tip;
    leaf = started === 2;
  }
  return container;
}

function startOne(parser: BlockParser, container: Node): number {
  for (const start of parser.blockStarts) {
    const started = start(parser, container);
    if (started !== 0) return started;
  }
  return 0;
}

function addText(parser: BlockParser, container: Node): void {
  if (!parser.allClosed && !parser.blank && parser.tip.type === "paragraph") {
    parser.addLine(); // a lazy continuation
    return;
  }
  parser.closeUnmatchedBlocks();
  const hasText = parser.offset < parser.currentLine.length && !parser.blank;
  if (parser.blocks[container.type]?.acceptsLines) {
    parser.addLine();
    if (container.type === "html_block") endHtml(parser, container);
  } else if (container.type === "table" && hasText) {
    addRow(parser, parser.currentLine.slice(parser.offset));
  } else if (hasText) {
    parser.addChild("paragraph", parser.offset);
    parser.advanceNextNonspace();
    parser.addLine();
  }
}

function endHtml(parser: BlockParser, block: Node): void {
  const kind = (block as Node & { _htmlBlockType: number })._htmlBlockType;
  const ending = kind >= 1 && kind <= 5 ? HTML_ENDS[kind - 1] : undefined;
  if (ending?.test(parser.currentLine.slice(parser.offset))) {
    parser.lastLineLength = parser.currentLine.length;
    parser.finalize(block, parser.lineNumber);
  }
}
