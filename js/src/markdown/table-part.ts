/** A table. A browser lays out a whole one for each row that comes, so a long one goes on in others. */
import type { Node as Block } from "commonmark";
import { ContainerPart } from "./container-part";
import { tableFrame } from "./decorate";
import type { Place } from "./view";

const ROWS_A_TABLE = 150;

export class TablePart extends ContainerPart {
  readonly #tables: HTMLTableElement[] = [];
  #frame: HTMLElement | null = null;
  /** Of the columns, as the first rows made them; none where they cannot be measured. */
  #widths: readonly number[] | null = null;
  #top = false;

  protected override build(_block: Block, { parent, before, top }: Place): void {
    this.#top = top;
    this.#frame = tableFrame();
    this.#add(this.#frame);
    parent.insertBefore(this.#frame, before);
    this.nodes = [this.#frame];
  }

  protected override hostOf(index: number): Element {
    const [first] = this.#tables as [HTMLTableElement];
    if (index === 0) return first.tHead ?? first.createTHead();
    const table = index < ROWS_A_TABLE ? first : this.#later(Math.floor(index / ROWS_A_TABLE));
    return table.tBodies[0] ?? table.createTBody();
  }

  protected override trim(): void {
    // A row that was only tried on may leave its table empty.
    const last = this.#tables.at(-1);
    const body = last?.tBodies[0];
    if (body?.rows.length !== 0) return;
    body.remove();
    if (this.#tables.length > 1) this.#tables.pop()?.remove();
  }

  #later(at: number): HTMLTableElement {
    const [first] = this.#tables as [HTMLTableElement];
    this.#widths ??= measure(first);
    if (this.#widths.length === 0) return first;
    if (first.style.tableLayout === "") fix(first, this.#widths);
    return this.#tables[at] ?? this.#add(this.#frame as HTMLElement);
  }

  #add(frame: HTMLElement): HTMLTableElement {
    const table = document.createElement("table");
    if (this.#top) table.dir = "auto";
    if (this.#widths) {
      table.setAttribute("aria-label", "Table, continued");
      fix(table, this.#widths);
    }
    frame.append(table);
    this.#tables.push(table);
    return table;
  }
}

function measure(table: HTMLTableElement): number[] {
  const cells = [...(table.tHead?.rows[0]?.cells ?? [])];
  const widths = cells.map((cell) => cell.getBoundingClientRect().width);
  return widths.every((width) => width > 0) ? widths : [];
}

/** Gives the columns their widths, so that the tables that follow stand in line. */
function fix(table: HTMLTableElement, widths: readonly number[]): void {
  const group = document.createElement("colgroup");
  for (const width of widths) {
    const column = document.createElement("col");
    column.style.width = `${width}px`;
    group.append(column);
  }
  table.prepend(group);
  table.style.tableLayout = "fixed";
  table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}px`;
}
