/** GitHub's tables: which lines are one, and where a row's cells are. */

export type Align = "left" | "right" | "center" | null;

const DELIMITER_CELL = /^:?-+:?$/;

/** The cells of a row's text, trimmed; a pipe behind a backslash is part of its cell. */
export function splitRow(line: string): string[] {
  const body = line.trim().replace(/^\|/, "");
  const cells = body.split(/(?<!(?<!\\)(?:\\\\)*\\)\|/);
  if (cells.length > 1 && cells.at(-1)?.trim() === "") cells.pop();
  return cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
}

/** How the columns are aligned, if `line` is the row below a table's head. */
export function parseDelimiterRow(line: string): Align[] | null {
  if (!line.includes("|") || !/^[ \t|:-]+$/.test(line)) return null;
  const cells = splitRow(line);
  return cells.every((cell) => DELIMITER_CELL.test(cell)) ? cells.map(alignOf) : null;
}

function alignOf(cell: string): Align {
  const left = cell.startsWith(":");
  const right = cell.endsWith(":");
  if (left && right) return "center";
  if (right) return "right";
  return left ? "left" : null;
}
