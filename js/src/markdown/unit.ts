/** Which neighbouring blocks must be sanitized and shown as one: HTML that a later block closes. */
import type { Node as Block } from "commonmark";
import { extraOf } from "./block-rules";
import type { Unit } from "./view";

/** HTML that nobody closes must not make the rest of a long reply one unit. */
const MOST_LINES = 400;
const TAG = /<(\/?)([a-z][a-z0-9-]*)(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?(\/?)>/gi;
const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;

export function takeUnit(first: Block): Unit {
  const blocks: [Block, ...Block[]] = [first];
  if (first.type !== "html_block") return { blocks, closed: isClosed(first) };
  let depth = opened(first);
  let next = first._next;
  while (depth > 0 && linesOf(first, blocks.at(-1)) < MOST_LINES && next) {
    blocks.push(next);
    if (next.type === "html_block") depth += opened(next);
    next = next._next;
  }
  const whole = depth <= 0 || linesOf(first, blocks.at(-1)) >= MOST_LINES;
  const sealed = whole || !(first._parent?._open ?? false);
  return { blocks, closed: sealed && blocks.every((block) => !block._open) };
}

/** Which part shows the unit; another kind needs another part. */
export function kindOf({ blocks: [block] }: Unit): string {
  switch (block.type) {
    case "html_block":
      return "html";
    case "heading":
      return `heading ${block._level}`;
    case "list":
      return `list ${block._listData.type} ${block._listData.start}`;
    case "footnote":
      return `footnote ${extraOf(block).label}`;
    default:
      return block.type;
  }
}

/** Maths on one line is over with that line, though the parser closes it with the next. */
const isClosed = (block: Block) => !block._open || extraOf(block).ended === true;

const linesOf = (first: Block, last: Block | undefined) =>
  last && !last._open ? last._sourcepos[1][0] - first._sourcepos[0][0] : 0;

/** How many elements the block leaves open; less than none when it closes earlier ones. */
function opened(block: Block): number {
  let depth = 0;
  const html = (block._literal ?? block._string_content ?? "").replace(/<!--[\s\S]*?-->/g, "");
  for (const [, closing, name = "", empty] of html.matchAll(TAG)) {
    if (empty || VOID.test(name)) continue;
    depth += closing ? -1 : 1;
  }
  return depth;
}

/** Whether a blank line stands between the block and the next one. */
export function hasGap(block: Block): boolean {
  const next = block._next;
  return next !== null && block._sourcepos[1][0] !== next._sourcepos[0][0] - 1;
}
