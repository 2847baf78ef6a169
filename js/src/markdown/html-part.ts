/** Raw HTML, with the Markdown between its beginning and its end: sanitized as one. */
import type { Node as Block } from "commonmark";
import { blockHtml } from "./block-html";
import { slotsOf, toFragment } from "./fragment";
import { morphNodes } from "./morph";
import type { Part, Pass, Place, Refreshable, Scope, Unit } from "./view";

export class HtmlPart implements Part, Refreshable {
  readonly kind = "html";
  nodes: ChildNode[] = [];
  #left = false;
  readonly #scope: Scope;
  #blocks: readonly Block[] = [];
  #place: Place | null = null;
  #shown = "";

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  update(unit: Unit, _pass: Pass, place: Place): void {
    this.#blocks = unit.blocks;
    this.#place = place;
    this.refresh();
  }

  leave(): void {
    this.#left = true;
  }

  refresh(): void {
    if (this.#left) return;
    if (this.#place === null) return;
    const slots = slotsOf(this.#scope);
    const text = blockHtml(this.#blocks, this.#scope, slots, this).trimEnd();
    if (text === this.#shown) return;
    this.#shown = text;
    const fragment = toFragment({ text, raw: true }, slots);
    const { parent, before } = this.#place;
    const next = this.nodes.at(-1)?.nextSibling ?? before;
    this.nodes = morphNodes(parent, this.nodes, [...fragment.childNodes], next);
  }
}
