/**
 * The parts of commonmark.js that we build on: its parser takes one line at a time, which is what a
 * growing text needs, and its tables of blocks and inline rules are there to be added to.
 */
declare module "commonmark" {
  export type SourcePosition = [[number, number], [number, number]];

  export class Node {
    constructor(type: string, position?: SourcePosition);
    _type: string;
    _parent: Node | null;
    _firstChild: Node | null;
    _lastChild: Node | null;
    _prev: Node | null;
    _next: Node | null;
    _sourcepos: SourcePosition;
    _open: boolean;
    _string_content: string | null;
    _literal: string | null;
    _listData: { type?: "bullet" | "ordered"; start?: number | null };
    _info: string | null;
    _destination: string | null;
    _title: string | null;
    _isFenced: boolean;
    _fenceChar: string | null;
    _fenceLength: number;
    _level: number | null;
    readonly type: string;
    appendChild(child: Node): void;
    insertAfter(sibling: Node): void;
    unlink(): void;
  }

  /** 0: matched, 1: not matched, 2: the whole line has been dealt with. */
  export type Continued = 0 | 1 | 2;
  /** 0: no start, 1: a container began, 2: a leaf began. */
  export type Started = 0 | 1 | 2;

  export interface BlockRule {
    continue(parser: BlockParser, container: Node): Continued;
    finalize(parser: BlockParser, block: Node): void;
    canContain(type: string): boolean;
    acceptsLines: boolean;
  }

  export interface Reference {
    destination: string;
    title: string;
  }

  export interface Delimiter {
    cc: number;
    numdelims: number;
    origdelims: number;
    node: Node;
    previous: Delimiter | null;
    next: Delimiter | null;
    can_open: boolean;
    can_close: boolean;
  }

  export interface InlineParser {
    subject: string;
    pos: number;
    delimiters: Delimiter | null;
    brackets: { previous: unknown } | null;
    refmap: Record<string, Reference>;
    match(pattern: RegExp): string | null;
    peek(): number;
    parseInline(block: Node): boolean;
    parseBackslash(block: Node): boolean;
    parseBackticks(block: Node): boolean;
    parseHtmlTag(block: Node): boolean;
    parseString(block: Node): boolean;
    parseOpenBracket(block: Node): boolean;
    parseCloseBracket(block: Node): boolean;
    handleDelim(code: number, block: Node): boolean;
    removeDelimiter(delimiter: Delimiter): void;
    processEmphasis(bottom: Delimiter | null): void;
    parseReference(text: string, references: Record<string, Reference>): number;
  }

  export interface BlockParser {
    doc: Node;
    tip: Node;
    oldtip: Node;
    lastMatchedContainer: Node;
    blocks: Record<string, BlockRule>;
    blockStarts: ((parser: BlockParser, container: Node) => Started)[];
    currentLine: string;
    lineNumber: number;
    lastLineLength: number;
    offset: number;
    column: number;
    nextNonspace: number;
    indent: number;
    indented: boolean;
    blank: boolean;
    partiallyConsumedTab: boolean;
    allClosed: boolean;
    refmap: Record<string, Reference>;
    inlineParser: InlineParser;
    findNextNonspace(): void;
    advanceOffset(count: number, columns?: boolean): void;
    advanceNextNonspace(): void;
    addLine(): void;
    addChild(type: string, offset: number): Node;
    finalize(block: Node, lineNumber: number): void;
    closeUnmatchedBlocks(): void;
  }

  export const Parser: new () => BlockParser;
}
