/** One row of a table: as many cells as the table has columns. */
import { extraOf } from "./block-rules";
import { fragmentOf } from "./fragment";
import { morphNodes } from "./morph";
import { repairInline } from "./repair";
import { splitRow } from "./table";
import type { Part, Pass, Place, Refreshable, Scope, Unit } from "./view";

export class RowPart implements Part, Refreshable {
  readonly kind = "table_row";
  nodes: ChildNode[] = [];
  #left = false;
  readonly #scope: Scope;
  #unit: Unit | null = null;
  #place: Place | null = null;
  #line = "";
  /** What the row was made of: the columns may still change below a head. */
  #key = "";

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  update(unit: Unit, pass: Pass, place: Place): void {
    this.#unit = unit;
    this.#place = place;
    const [row] = unit.blocks;
    // A row is closed with its line; one that is only shown is the line still being written.
    const text = row._string_content ?? "";
    const line = pass === "show" ? repairRow(text) : text;
    const key = JSON.stringify([line, row._parent && extraOf(row._parent).aligns]);
    if (key === this.#key) return;
    this.#key = key;
    this.#line = line;
    this.#make();
  }

  leave(): void {
    this.#left = true;
  }

  refresh(): void {
    if (this.#left) return;
    this.#make();
  }

  #make(): void {
    const [row] = this.#unit?.blocks ?? [];
    if (row === undefined || this.#place === null) return;
    const tag = row._prev === null ? "th" : "td";
    const aligns = (row._parent && extraOf(row._parent).aligns) ?? [];
    const texts = splitRow(this.#line);
    const line = document.createElement("tr");
    aligns.forEach((align, column) => {
      const cell = document.createElement(tag);
      if (align) cell.align = align;
      cell.append(fragmentOf(texts[column] ?? "", this.#scope, this));
      line.append(cell);
    });
    const { parent, before } = this.#place;
    this.nodes = morphNodes(parent, this.nodes, [line], before);
  }
}

/** Completes the last cell; the pipe that will close it is not there yet. */
function repairRow(text: string): string {
  const whole = /^(.*(?<!\\)\|)([^|]*)$/s.exec(text);
  if (whole === null) return repairInline(text);
  return `${whole[1]}${repairInline((whole[2] ?? "").trim())}`;
}
