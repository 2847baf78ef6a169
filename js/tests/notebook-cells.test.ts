/** New cells: below the cell that shows the widget, and nowhere where there is no notebook. */
import { describe, expect, it, vi } from "vitest";
import { cellInserter } from "../src/notebook-cells";

function lab(cells: number, readOnly = false) {
  const insertCell = vi.fn();
  const sharedModel = { cells: Array.from({ length: cells }, () => ({})), insertCell };
  return { manager: { context: { model: { readOnly, sharedModel } } }, insertCell };
}

function place(html: string): Element {
  document.body.innerHTML = html;
  return document.body.querySelector("b") as Element;
}

const NUMBERED = '<div class="jp-Cell" data-windowed-list-index="4"><p><b></b></p></div>';
const PLAIN = '<i></i><div class="jp-Cell"></div><div class="jp-Cell"><b></b></div>';

describe("cellInserter", () => {
  it.each([
    {},
    { context: null },
    { context: { model: null } },
    { context: { model: {} } },
    { context: { model: { sharedModel: { cells: [] } } } },
    lab(3, true).manager,
  ])("is none where no cell can be put: %j", (manager) => {
    expect(cellInserter(manager)).toBeUndefined();
  });

  it.each([
    ["by the number that the notebook gave it", NUMBERED, 9, 5],
    ["by its place among all cells", PLAIN, 2, 2],
    ["at the end where not all cells are in the page", PLAIN, 9, 9],
    ["at the end where it is shown beside the notebook", "<b></b>", 3, 3],
    ["at the end where the number is of another notebook", NUMBERED, 2, 2],
  ])("puts the code below its cell: %s", (_, html, cells, expected) => {
    const { manager, insertCell } = lab(cells);
    cellInserter(manager)?.("x = 1\n\n", place(html));
    const cell = { cell_type: "code", source: "x = 1", metadata: { trusted: true } };
    expect(insertCell).toHaveBeenCalledExactlyOnceWith(expected, cell);
  });

  it("says that the notebook was closed meanwhile", () => {
    const { manager, insertCell } = lab(1);
    const insert = cellInserter(manager);
    Object.assign(manager.context, { model: null });
    expect(() => insert?.("x", place("<b></b>"))).toThrow("not open any more");
    expect(insertCell).not.toHaveBeenCalled();
  });
});
