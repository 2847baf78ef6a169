/** A call's arguments, also while they are being written; and the same in one line. */
import { compactJson } from "./json-print";
import { type Json, readGrowing } from "./json-reader";

export interface Entry {
  name: string;
  value: Json;
  /** False for the value that is still growing. */
  whole: boolean;
}

/** What of the arguments is read for their line: it is short. */
const READ_FOR_LINE = 2000;
const LONGEST_LINE = 200;

/**
 * The entries of a JSON object, which may stop anywhere while it is `growing`; null when `text` is
 * not that of an object.
 */
export function readArguments(text: string, growing: boolean): Entry[] | null {
  if (text.trim() === "") return [];
  const read = readGrowing(text);
  if (read?.value.kind !== "object" || !(growing || read.whole)) return null;
  const { entries } = read.value;
  const last = read.whole ? undefined : [...entries.keys()].at(-1);
  return [...entries].map(([name, value]) => ({ name, value, whole: name !== last }));
}

/** The arguments in one line, the way a call is written. */
export function summarize(text: string): string {
  const read = text.slice(0, READ_FOR_LINE);
  const entries = readArguments(read, true);
  if (entries === null) return oneLine(read);
  return entries
    .map(({ name, value }) => `${name}: ${shortValue(value)}`)
    .join(", ")
    .slice(0, LONGEST_LINE);
}

const shortValue = (value: Json) =>
  value.kind === "text" ? oneLine(value.text) : compactJson(value);

const oneLine = (text: string) => text.replace(/\s+/g, " ").slice(0, LONGEST_LINE);
