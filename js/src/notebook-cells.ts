/**
 * New cells in the notebook around us, where the host's widget manager hands its document on, as
 * JupyterLab's and Notebook's do. A cell is only ever put there, below the one that shows us: it is
 * never run.
 */

interface SharedNotebook {
  readonly cells: readonly unknown[];
  insertCell(index: number, cell: object): unknown;
}

/** Puts `source` into a new code cell below the cell around `near`; at the end where there is none. */
export type InsertCell = (source: string, near: Element) => void;

/** The way to insert cells of `manager`'s notebook; undefined where it has none, or none to write. */
export function cellInserter(manager: object): InsertCell | undefined {
  if (notebookOf(manager) === null) return undefined;
  return (source, near) => {
    // Looked for anew: a notebook may be renamed, reverted or closed meanwhile.
    const notebook = notebookOf(manager);
    if (notebook === null) throw new Error("The notebook is not open any more");
    const cell = { cell_type: "code", source: source.trimEnd(), metadata: { trusted: true } };
    notebook.insertCell(indexBelow(near, notebook), cell);
  };
}

function notebookOf(manager: object): SharedNotebook | null {
  const { context } = manager as { context?: { model?: Record<string, unknown> } };
  const model = context?.model;
  if (!model || model.readOnly === true) return null;
  const shared = model.sharedModel as Partial<SharedNotebook> | undefined;
  const isNotebook = typeof shared?.insertCell === "function" && Array.isArray(shared.cells);
  return isNotebook ? (shared as SharedNotebook) : null;
}

function indexBelow(near: Element, { cells }: SharedNotebook): number {
  const index = indexOfCell(near.closest<HTMLElement>(".jp-Cell"), cells.length);
  // Shown beside the notebook it belongs to no cell.
  return index === null ? cells.length : index + 1;
}

/** Where the cell of this element stands among `count` cells. */
function indexOfCell(cell: HTMLElement | null, count: number): number | null {
  if (cell === null) return null;
  // The notebook numbers its cells, since not all of them are always in the page.
  const numbered = Number.parseInt(cell.dataset.windowedListIndex ?? "", 10);
  if (numbered >= 0 && numbered < count) return numbered;
  const siblings = [...(cell.parentElement?.children ?? [])].filter((each) =>
    each.classList.contains("jp-Cell"),
  );
  return siblings.length === count ? siblings.indexOf(cell) : null;
}
