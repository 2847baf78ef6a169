/** A traceback's lines: where in the code each is, and what can be said to a model about it. */
import { pythonCall } from "./python-call";
import type { Call, ErrorView } from "./views";

export type LineKind = "place" | "mark" | "error" | "code";

/** More than this of a traceback a model gets no more out of. */
const LONGEST_TRACEBACK = 8000;
const LONGEST_CALL = 300;
const PLACE = /^ {2}(?:File ".*", line \d+|\S.*, line \d+)/;
const MARK = /^\s+[~^]+\s*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const COLOURS = /\u001b\[[\d;]*[A-Za-z]/g;

/** What a line of a traceback is. */
export function kindOf(line: string): LineKind {
  if (PLACE.test(line)) return "place";
  if (MARK.test(line)) return "mark";
  return /^\S/.test(line) && !line.startsWith("Traceback (") ? "error" : "code";
}

/** Where in the person's own code it happened: the last place that a traceback cut to that names. */
export function placeOf({ traceback, parts }: ErrorView): string {
  const own = parts ? parts.filter((part) => part.library === "").map((part) => part.text) : [];
  const lines = (parts ? own.join("") : traceback).split("\n");
  return lines.findLast((line) => PLACE.test(line))?.trim() ?? "";
}

/** The whole traceback, with the frames of libraries too. */
export const wholeTraceback = ({ traceback, parts }: ErrorView) =>
  parts
    ? parts
        .map((part) => part.text)
        .join("")
        .trimEnd()
    : traceback;

/** A message of the person's that shows the model what went wrong. */
export function messageAbout(call: Call, error: ErrorView): string {
  const python = pythonCall(call.name, call.arguments);
  const said = python !== null && python.length <= LONGEST_CALL ? python : call.name;
  const trace = error.traceback.replace(COLOURS, "").slice(-LONGEST_TRACEBACK);
  const calls = fenced(said, "python");
  return `This call failed:\n\n${calls}\n\nIts traceback:\n\n${fenced(trace, "text")}\n\nWhat went wrong?`;
}

/** `text` in a fence that nothing in it closes. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
