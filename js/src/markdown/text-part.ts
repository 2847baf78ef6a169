/**
 * A paragraph or heading. While it grows, its end is repaired; of a long one, what cannot change any
 * more is kept, so that the cost of a step does not grow with it.
 */
import type { Node as Block } from "commonmark";
import { fragmentOf } from "./fragment";
import { Lines } from "./lines";
import { morphNodes } from "./morph";
import { holdDefinition, holdTable, repairInline } from "./repair";
import type { Part, Pass, Place, Refreshable, Scope, Unit } from "./view";

const TASK = /^\[([ xX])\](?=\s+\S)\s*/;
/** A growing text longer than this is cut where everything before is settled. */
const LONG = 1500;
/** What is kept at the end: the cut must not come near where words still arrive. */
const MARGIN = 200;
const CUTS_TRIED = 4;
/** After so much without a settled place, a cut is made anyway; the end sets it right. */
const TOO_LONG = 12_000;
/** Between two plain words nothing can reach from one side to the other, unless it is still open. */
const CUT = /[\p{L}\d,.;:] (?=\p{L})/gu;

export class TextPart implements Part, Refreshable {
  readonly kind: string;
  nodes: ChildNode[] = [];
  #left = false;
  readonly #scope: Scope;
  readonly #tag: string;
  #place: Place | null = null;
  #element: HTMLElement | null = null;
  #inner: ChildNode[] = [];
  #source = "";
  #shown: string | null = null;
  #closed = false;
  #tight: boolean;
  #task: boolean;
  /** What of the source is shown for good, and as what. */
  #kept = "";
  #keptNodes: ChildNode[] = [];
  #forced = false;
  #tryAt = LONG;
  readonly #lines = new Lines();

  constructor(kind: string, tag: string, scope: Scope, tight: boolean, task: boolean) {
    this.kind = kind;
    this.#tag = tag;
    this.#scope = scope;
    this.#tight = tight;
    this.#task = task;
  }

  update(unit: Unit, _pass: Pass, place: Place): void {
    const block: Block = unit.blocks[0];
    this.#place = place;
    this.#source = (block._string_content ?? "").trim();
    const wasClosed = this.#closed;
    this.#closed = !block._open;
    if ((this.#closed && this.#forced) || !this.#source.startsWith(this.#kept)) this.#forget();
    if (this.#closed !== wasClosed) this.#shown = null;
    if (this.#closed) this.#lines.release(this.#element);
    this.#show();
  }

  leave(): void {
    this.#left = true;
  }

  refresh(): void {
    if (this.#left) return;
    this.#forget();
    this.#show();
  }

  setTight(tight: boolean): void {
    if (tight === this.#tight || this.#tag !== "p") return;
    this.#tight = tight;
    if (this.#inner.length + this.#keptNodes.length === 0 || this.#place === null) return;
    if (this.#lines.host !== null) this.refresh();
    const before = this.nodes.at(-1)?.nextSibling ?? null;
    const inner = [...this.#keptNodes, ...this.#inner];
    if (tight) {
      for (const node of inner) this.#place.parent.insertBefore(node, before);
      this.#element?.remove();
      this.#element = null;
      this.nodes = inner;
    } else {
      const element = this.#makeElement();
      this.#place.parent.insertBefore(element, before);
      element.append(...inner);
      this.nodes = [element];
    }
  }

  #forget(): void {
    const boxed = this.#lines.host === null ? null : this.#element;
    this.#inner = boxed ? [...boxed.childNodes] : [...this.#keptNodes, ...this.#inner];
    this.#lines.forget();
    this.#keptNodes = [];
    this.#kept = "";
    this.#forced = false;
    this.#tryAt = LONG;
    this.#shown = null;
  }

  #show(): void {
    if (!this.#closed) this.#keep();
    const rest = this.#source.slice(this.#kept.length);
    const text = this.#closed ? rest : this.#repaired(rest);
    if (text === this.#shown) return;
    this.#shown = text;
    this.#put([...this.#make(text).childNodes]);
  }

  #repaired(rest: string): string {
    if (this.#tag !== "p") return repairInline(rest);
    return repairInline(holdTable(this.#kept === "" ? holdDefinition(rest) : rest));
  }

  /** Moves what is settled from the growing end to what is kept. */
  #keep(): void {
    const rest = this.#source.length - this.#kept.length;
    if (rest < this.#tryAt) return;
    this.#tryAt = rest + LONG / 3;
    const text = this.#source.slice(this.#kept.length);
    const { cut, unsettled } = this.#cutOf(text);
    if (cut === 0 || (unsettled && rest < TOO_LONG)) return;
    this.#forced ||= unsettled;
    this.#put([...this.#make(text.slice(0, cut)).childNodes]);
    this.#keptNodes.push(...this.#inner);
    this.#inner = [];
    this.#kept += text.slice(0, cut);
    this.#tryAt = LONG;
    this.#fixDirection();
    if (this.#element) this.#keptNodes = this.#lines.fold(this.#element, this.#keptNodes, cut);
  }

  /** Where to cut; before what is open at the first place there may be a better one. */
  #cutOf(text: string): { cut: number; unsettled: boolean } {
    const latest = lastCut(text.slice(0, -MARGIN));
    let cut = latest;
    for (let tries = 0; tries < CUTS_TRIED && cut > LONG / 3; tries += 1) {
      if (!this.#scope.reader.read(text.slice(0, cut)).unsettled) return { cut, unsettled: false };
      cut = lastCut(text.slice(0, cut - MARGIN / 4));
    }
    return { cut: latest, unsettled: true };
  }

  /** With dir="auto" a browser looks through the whole text for each word that comes. */
  #fixDirection(): void {
    if (this.#element?.dir !== "auto" || !this.#element.isConnected) return;
    const { direction } = getComputedStyle(this.#element);
    if (direction) this.#element.dir = direction;
  }

  #make(text: string): DocumentFragment {
    const task = this.#task && this.#kept === "" ? TASK.exec(text) : null;
    const fragment = fragmentOf(task ? text.slice(task[0].length) : text, this.#scope, this);
    if (task) fragment.prepend(checkbox(task[1] !== " "), " ");
    return fragment;
  }

  #put(wanted: ChildNode[]): void {
    const { parent, before } = this.#place as Place;
    const bare = this.#tight && this.#tag === "p";
    // Nothing yet is no paragraph yet; and one of definitions alone never is one.
    const maybe = this.#closed ? this.#source === "" && this.#tag === "p" : true;
    const empty = maybe && wanted.length === 0 && this.#keptNodes.length === 0;
    if (bare) {
      const end = this.#inner.at(-1) ?? this.#keptNodes.at(-1);
      const next = end ? end.nextSibling : before;
      this.#inner = morphNodes(parent, this.#inner, wanted, next);
      this.nodes = [...this.#keptNodes, ...this.#inner];
      return;
    }
    if (empty) {
      this.#element?.remove();
      this.#element = null;
      this.#inner = [];
      this.nodes = [];
      return;
    }
    const element = this.#element ?? this.#makeElement();
    this.#inner = morphNodes(this.#lines.host ?? element, this.#inner, wanted, null);
    if (element.parentNode === null) parent.insertBefore(element, before);
    this.nodes = [element];
  }

  #makeElement(): HTMLElement {
    this.#element = document.createElement(this.#tag);
    if (this.#place?.top) this.#element.dir = "auto";
    return this.#element;
  }
}

function lastCut(text: string): number {
  let cut = 0;
  for (const match of text.matchAll(CUT)) cut = match.index + match[0].length;
  return cut;
}

function checkbox(checked: boolean): HTMLInputElement {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.disabled = true;
  box.toggleAttribute("checked", checked);
  box.setAttribute("aria-label", checked ? "Done" : "To do");
  return box;
}
