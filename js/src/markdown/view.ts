/** What the parts of a rendered text have in common: the nodes they own, and what they share. */
import type { Node as Block } from "commonmark";
import type { Footnotes } from "./footnotes";
import type { InlineReader } from "./inlines";

/** "settle": what is closed, for good. "show": the rest too, as it looks at the moment. */
export type Pass = "settle" | "show";

/** Where a part's nodes hang. */
export interface Place {
  readonly parent: Element;
  readonly before: ChildNode | null;
  /** Whether the part hangs right below the root: only there a direction is chosen. */
  readonly top: boolean;
}

export interface Scope {
  readonly reader: InlineReader;
  readonly notes: Footnotes;
  /** Whether code gets a button that puts it into a new cell. */
  readonly insert: boolean;
  /** A new part for the unit; `tight`: paragraphs are without their element. */
  make(unit: Unit, tight: boolean): Part;
  /** Remembers that `part` looked for these labels in vain. */
  await(labels: Iterable<string>, part: Refreshable): void;
}

/** A part that can be made again from its own source. */
export interface Refreshable {
  refresh(): void;
}

export interface Part {
  /** A part is used on only for blocks of the same kind. */
  readonly kind: string;
  readonly nodes: readonly ChildNode[];
  update(unit: Unit, pass: Pass, place: Place): void;
  /** Only some parts look different in a tight list. */
  setTight?(tight: boolean): void;
  /** It was only tried on: a label that is defined later must not bring it back. */
  leave?(): void;
}

/** Blocks that are shown together: one, or HTML that is open across several. */
export interface Unit {
  readonly blocks: readonly [Block, ...Block[]];
  readonly closed: boolean;
}

export function removePart(part: Part): void {
  part.leave?.();
  for (const node of part.nodes) node.remove();
}
