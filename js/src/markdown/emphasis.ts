/** CommonMark's rule for * and _, with GitHub's ~ beside them: delimiter runs become elements. */
import { type Delimiter, type InlineParser, Node } from "commonmark";

export const TILDE = 126;

/** Pairs the delimiters above `bottom`; says whether one is left that something later could close. */
export function processEmphasis(parser: InlineParser, bottom: Delimiter | null): boolean {
  const floors = new Map<string, Delimiter | null>();
  let closer = lowest(parser.delimiters, bottom);
  while (closer) closer = closer.can_close ? close(parser, closer, bottom, floors) : closer.next;
  let open = false;
  while (parser.delimiters && parser.delimiters !== bottom) {
    open ||= parser.delimiters.can_open;
    parser.removeDelimiter(parser.delimiters);
  }
  return open;
}

function lowest(top: Delimiter | null, bottom: Delimiter | null): Delimiter | null {
  let delimiter = top;
  while (delimiter && delimiter.previous !== bottom) delimiter = delimiter.previous;
  return delimiter;
}

/** Pairs one closer; returns the delimiter to look at next. */
function close(
  parser: InlineParser,
  closer: Delimiter,
  bottom: Delimiter | null,
  floors: Map<string, Delimiter | null>,
): Delimiter | null {
  // Where no opener was found once, none need be looked for again: this keeps it linear.
  const kind = `${closer.cc}${closer.can_open}${closer.origdelims % 3}`;
  const floor = floors.has(kind) ? (floors.get(kind) ?? null) : bottom;
  const opener = openerOf(closer, bottom, floor);
  if (opener) return join(parser, opener, closer);
  floors.set(kind, closer.previous);
  const { next } = closer;
  if (!closer.can_open) parser.removeDelimiter(closer);
  return next;
}

function openerOf(
  closer: Delimiter,
  bottom: Delimiter | null,
  floor: Delimiter | null,
): Delimiter | null {
  let opener = closer.previous;
  while (opener && opener !== bottom && opener !== floor) {
    if (opener.cc === closer.cc && opener.can_open && fits(opener, closer)) return opener;
    opener = opener.previous;
  }
  return null;
}

function fits(opener: Delimiter, closer: Delimiter): boolean {
  if (closer.cc === TILDE) return opener.numdelims === closer.numdelims;
  const both = closer.can_open || opener.can_close;
  return !both || closer.origdelims % 3 === 0 || (opener.origdelims + closer.origdelims) % 3 !== 0;
}

function join(parser: InlineParser, opener: Delimiter, closer: Delimiter): Delimiter | null {
  const strong = closer.numdelims >= 2 && opener.numdelims >= 2;
  const used = closer.cc === TILDE ? closer.numdelims : strong ? 2 : 1;
  const element = new Node(closer.cc === TILDE ? "del" : strong ? "strong" : "emph");
  for (let node = opener.node._next; node && node !== closer.node; node = opener.node._next) {
    element.appendChild(node);
  }
  opener.node.insertAfter(element);
  opener.next = closer;
  closer.previous = opener;
  shorten(parser, opener, used);
  return shorten(parser, closer, used) ? closer : closer.next;
}

/** Takes `used` characters off a run; says whether any are left. */
function shorten(parser: InlineParser, delimiter: Delimiter, used: number): boolean {
  delimiter.numdelims -= used;
  const { node } = delimiter;
  node._literal = (node._literal ?? "").slice(0, delimiter.numdelims);
  if (delimiter.numdelims > 0) return true;
  node.unlink();
  parser.removeDelimiter(delimiter);
  return false;
}
