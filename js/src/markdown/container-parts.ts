/** Quotes, lists and their items, tables, footnotes, and the whole text: blocks that have others inside. */
import type { Node as Block } from "commonmark";
import { extraOf } from "./block-rules";
import { ContainerPart } from "./container-part";
import type { Pass, Place, Scope } from "./view";

/**
 * A browser lays out all children of an element anew when one is added, if only to find them
 * unchanged. So a long text hangs in pieces, and a long list is several.
 */
const BLOCKS_A_PIECE = 24;
const ITEMS_A_LIST = 200;

export class RootPart extends ContainerPart {
  readonly #element: HTMLElement;
  readonly #pieces: HTMLElement[] = [];

  constructor(element: HTMLElement, scope: Scope) {
    super("document", scope);
    this.#element = element;
  }

  show(document: Block, pass: Pass): void {
    this.sync(document, pass);
  }

  protected override build(): void {}

  protected override hostOf(index: number): Element {
    const at = Math.floor(index / BLOCKS_A_PIECE);
    const present = this.#pieces[at];
    if (present) return present;
    const piece = document.createElement("div");
    piece.className = "nbagent-piece";
    this.#element.insertBefore(piece, this.scope.notes.section);
    this.#pieces[at] = piece;
    return piece;
  }

  protected override get top(): boolean {
    return true;
  }

  protected override trim(): void {
    while (this.#pieces.at(-1)?.firstChild === null) this.#pieces.pop()?.remove();
  }
}

/** One that is a single element. */
abstract class ElementPart extends ContainerPart {
  protected element: HTMLElement | null = null;

  protected abstract make(block: Block): HTMLElement;

  protected override build(block: Block, { parent, before, top }: Place): void {
    this.element = this.make(block);
    if (top) this.element.dir = "auto";
    parent.insertBefore(this.element, before);
    this.nodes = [this.element];
  }

  protected override hostOf(): Element {
    return this.element as Element;
  }
}

export class QuotePart extends ElementPart {
  protected override make(): HTMLElement {
    return document.createElement("blockquote");
  }
}

export class ListPart extends ContainerPart {
  #tight = true;
  #ordered = false;
  #start = 1;
  #top = false;

  protected override build(block: Block, { parent, before, top }: Place): void {
    this.#ordered = block._listData.type === "ordered";
    this.#start = block._listData.start ?? 1;
    this.#top = top;
    this.nodes = [parent.insertBefore(this.#make(0), before)];
  }

  protected override hostOf(index: number): Element {
    const at = Math.floor(index / ITEMS_A_LIST);
    if (this.nodes[at] === undefined) {
      const list = this.#make(index);
      this.nodes.at(-1)?.after(list);
      this.nodes.push(list);
    }
    return this.nodes[at] as ChildNode as Element;
  }

  #make(index: number): HTMLElement {
    const list = document.createElement(this.#ordered ? "ol" : "ul");
    const start = this.#start + index;
    if (this.#ordered && start !== 1) list.setAttribute("start", String(start));
    if (this.#top) list.dir = "auto";
    return list;
  }

  protected override get tight(): boolean {
    return this.#tight;
  }

  protected override sync(block: Block, pass: Pass): void {
    super.sync(block, pass);
    if (this.#tight !== this.loose) return;
    this.#tight = !this.loose;
    for (const item of this.children) item.setTight?.(this.#tight);
  }

  protected override trim(): void {
    // An item that was only tried on may leave the last list empty.
    while (this.nodes.length > 1 && this.nodes.at(-1)?.firstChild === null)
      this.nodes.pop()?.remove();
  }
}

export class ItemPart extends ElementPart {
  #tight: boolean;

  constructor(scope: Scope, tight: boolean) {
    super("item", scope);
    this.#tight = tight;
  }

  setTight(tight: boolean): void {
    this.#tight = tight;
    for (const child of this.children) {
      if (child.kind === "paragraph") child.setTight?.(tight);
    }
  }

  protected override make(): HTMLElement {
    return document.createElement("li");
  }

  protected override get tight(): boolean {
    return this.#tight;
  }
}

/** A footnote's text stands at the end of the whole, not where it was written. */
export class NotePart extends ContainerPart {
  #body: HTMLElement | null = null;

  protected override build(block: Block): void {
    this.#body = this.scope.notes.define(extraOf(block).label ?? "");
  }

  protected override hostOf(): Element {
    return this.#body as Element;
  }

  protected override get end(): ChildNode | null {
    return this.#body?.querySelector(":scope > .nbagent-note-back") ?? null;
  }
}
