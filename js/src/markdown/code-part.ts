/** A code block: while it is open its text only grows, once it is closed it is coloured. */

import type { Node as Block } from "commonmark";
import { codeFrame } from "./decorate";
import { colour, expectCode, leavePlain } from "./highlight";
import { setText } from "./morph";
import type { Part, Pass, Place, Scope, Unit } from "./view";

const LINES_A_PIECE = 60;

export class CodePart implements Part {
  readonly kind = "code_block";
  nodes: ChildNode[] = [];
  readonly #insert: boolean;
  #code: HTMLElement | null = null;
  #language = "";
  #shown = "";
  /** What of the text hangs in whole pieces. */
  #kept = "";
  #closed = false;

  constructor(scope: Scope) {
    this.#insert = scope.insert;
  }

  update(unit: Unit, _pass: Pass, place: Place): void {
    const [block] = unit.blocks;
    const { language, text } = codeOf(block);
    if (this.#code === null || language !== this.#language) this.#build(language, place);
    const closed = !block._open;
    if (text === this.#shown && closed === this.#closed) return;
    if (this.#closed) this.#reopen();
    this.#grow(text);
    if (closed) colour(this.#code as HTMLElement, language);
    this.#shown = text;
    this.#closed = closed;
  }

  #build(language: string, { parent, before }: Place): void {
    const { frame, code } = codeFrame(language, this.#insert);
    const [old] = this.nodes;
    if (old) old.replaceWith(frame);
    else parent.insertBefore(frame, before);
    this.nodes = [frame];
    this.#code = code;
    this.#language = language;
    expectCode(language);
    this.#shown = "";
    this.#kept = "";
    this.#closed = false;
  }

  /** What looked like its end was none: only a line that was tried on. */
  #reopen(): void {
    const code = this.#code as HTMLElement;
    leavePlain(code);
    code.replaceChildren();
    this.#kept = "";
  }

  /** Long code hangs in pieces: a browser lays out a piece anew for each line that comes. */
  #grow(text: string): void {
    const code = this.#code as HTMLElement;
    if (!text.startsWith(this.#kept)) {
      code.replaceChildren();
      this.#kept = "";
    }
    let rest = text.slice(this.#kept.length);
    for (let end = endOfPiece(rest); end > 0; end = endOfPiece(rest)) {
      const piece = document.createElement("span");
      piece.className = "nbagent-code-piece";
      piece.textContent = rest.slice(0, end);
      code.insertBefore(piece, this.#tail(code));
      this.#kept += rest.slice(0, end);
      rest = rest.slice(end);
    }
    const tail = this.#tail(code);
    if (tail) setText(tail, rest);
    else code.append(rest);
  }

  #tail(code: HTMLElement): Text | null {
    return code.lastChild instanceof Text ? code.lastChild : null;
  }
}

/** Where the first LINES_A_PIECE lines end, if that many and more are there. */
function endOfPiece(text: string): number {
  let end = 0;
  for (let lines = 0; lines < LINES_A_PIECE; lines += 1) {
    end = text.indexOf("\n", end) + 1;
    if (end === 0) return 0;
  }
  return end < text.length ? end : 0;
}

/** What a code block says, also while its last line is missing. */
export function codeOf(block: Block): { language: string; text: string } {
  if (block._literal !== null) {
    return { language: languageOf(block._info ?? ""), text: block._literal };
  }
  // The line that is being written ends in a break that is not there yet.
  const content = (block._string_content ?? "").replace(/\n$/, "");
  if (!block._isFenced) return { language: "", text: content.trimEnd() };
  const [info = ""] = content.split("\n", 1);
  return { language: languageOf(info.trim()), text: content.slice(info.length + 1) };
}

const languageOf = (info: string) => info.split(/\s+/)[0] ?? "";
