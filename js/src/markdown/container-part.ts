/**
 * A block that has blocks in it, or the whole text. Children that are closed are made once and never
 * looked at again: a step costs what is open, however long the list or table is.
 */
import type { Node as Block } from "commonmark";
import { hasGap, kindOf, takeUnit } from "./unit";
import { type Part, type Pass, type Place, removePart, type Scope, type Unit } from "./view";

export abstract class ContainerPart implements Part {
  readonly kind: string;
  nodes: ChildNode[] = [];
  /** Whether blank lines stand between its children, or its items' children. */
  loose = false;
  protected readonly scope: Scope;
  protected readonly children: Part[] = [];
  /** Behind each child a line break, as between words: where the child's nodes end. */
  readonly #ends: Text[] = [];
  #built = false;
  #settled = 0;
  #last: Block | null = null;
  #looseForGood = false;

  constructor(kind: string, scope: Scope) {
    this.kind = kind;
    this.scope = scope;
  }

  update(unit: Unit, pass: Pass, place: Place): void {
    if (!this.#built) this.build(unit.blocks[0], place);
    this.#built = true;
    this.sync(unit.blocks[0], pass);
  }

  leave(): void {
    for (const child of this.children) child.leave?.();
  }

  /** Makes the element and puts it in its place. */
  protected abstract build(block: Block, place: Place): void;
  /** Where the child of this number hangs. */
  protected abstract hostOf(index: number): Element;
  /** What stands behind all children in their host. */
  protected get end(): ChildNode | null {
    return null;
  }
  protected get top(): boolean {
    return false;
  }
  /** Whether paragraphs right below are without their element. */
  protected get tight(): boolean {
    return false;
  }

  protected sync(block: Block, pass: Pass): void {
    let index = this.#settled;
    let loose = this.#looseForGood;
    let previous = this.#last;
    let next = previous ? previous._next : block._firstChild;
    while (next) {
      const unit = takeUnit(next);
      loose ||= previous !== null && hasGap(previous);
      const settles = pass === "settle" && unit.closed;
      if (pass === "show" || settles || next._firstChild) {
        loose = this.#updateChild(index, unit, pass) || loose;
      }
      index += 1;
      previous = unit.blocks.at(-1) ?? next;
      next = previous._next;
      if (settles && index === this.#settled + 1) {
        this.#settled = index;
        this.#last = previous;
      }
    }
    if (pass === "show" || !block._open) this.#dropFrom(index);
    if (pass === "settle") this.#looseForGood = loose;
    this.loose = loose;
  }

  /** Returns whether the child makes its list loose. */
  #updateChild(index: number, unit: Unit, pass: Pass): boolean {
    const part = this.#partAt(index, unit);
    const parent = this.hostOf(index);
    part.update(unit, pass, { parent, before: this.#endAt(index, parent), top: this.top });
    return part.kind === "item" && part instanceof ContainerPart && part.loose;
  }

  #partAt(index: number, unit: Unit): Part {
    const present = this.children[index];
    if (present?.kind === kindOf(unit)) return present;
    if (present) removePart(present);
    const part = this.scope.make(unit, this.tight);
    this.children[index] = part;
    return part;
  }

  #endAt(index: number, parent: Element): Text {
    const present = this.#ends[index];
    if (present) return present;
    const end = document.createTextNode("\n");
    parent.insertBefore(end, this.end);
    this.#ends[index] = end;
    return end;
  }

  #dropFrom(index: number): void {
    for (const part of this.children.splice(index)) removePart(part);
    for (const end of this.#ends.splice(index)) end.remove();
    this.trim();
  }

  /** Takes away hosts that nothing hangs in any more. */
  protected trim(): void {}
}
