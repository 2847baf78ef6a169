/** A call's arguments while they are still being written: whole JSON, or as far as it goes. */

export interface Entry {
  name: string;
  value: unknown;
  /** False for the value that is still growing. */
  whole: boolean;
}

/**
 * The entries of a JSON object, which may stop anywhere while it is `growing`; null when `text` is
 * not that of an object.
 */
export function readArguments(text: string, growing: boolean): Entry[] | null {
  if (text.trim() === "") return [];
  const whole = parseObject(text);
  if (whole !== null) return entriesOf(whole, null);
  if (!growing) return null;
  for (const completion of completions(text)) {
    const partial = parseObject(completion);
    if (partial !== null) return entriesOf(partial, Object.keys(partial).at(-1) ?? null);
  }
  return null;
}

/** The arguments in one line, the way a call is written. */
export function summarize(text: string): string {
  const entries = readArguments(text, true);
  if (entries === null) return text.replace(/\s+/g, " ").slice(0, 200);
  return entries
    .map(({ name, value }) => `${name}: ${shortValue(value)}`)
    .join(", ")
    .slice(0, 200);
}

export function shortValue(value: unknown): string {
  return typeof value === "string" ? value.replace(/\s+/g, " ") : (JSON.stringify(value) ?? "");
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function entriesOf(object: Record<string, unknown>, growing: string | null): Entry[] {
  return Object.entries(object).map(([name, value]) => ({ name, value, whole: name !== growing }));
}

/** Ways to end `text`: as it stands, and without the key, comma or literal it stops in. */
function* completions(text: string): Generator<string> {
  const { closers, inString } = openBrackets(text);
  const ended = inString ? `${text.replace(/\\(?:u[\da-fA-F]{0,3})?$/, "")}"` : text;
  const trimmed = ended
    .replace(/(\d)[-+.eE]+$/, "$1")
    .replace(/(?:,\s*)?"(?:[^"\\]|\\.)*"\s*:\s*[-+\w.]*$/, "")
    .replace(/([[,]\s*)[-+\w.]+$/, "$1");
  yield ended + closers;
  yield ended.replace(/(\d)[-+.eE]+$/, "$1") + closers;
  yield ended.replace(/,\s*$/, "") + closers;
  yield ended.replace(/(?:,\s*)?"(?:[^"\\]|\\.)*"\s*$/, "") + closers;
  yield trimmed.replace(/,\s*$/, "") + closers;
}

function openBrackets(text: string): { closers: string; inString: boolean } {
  const stack: string[] = [];
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i] ?? "";
    if (inString) {
      if (character === "\\") i += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") stack.push("}");
    else if (character === "[") stack.push("]");
    else if (character === "}" || character === "]") stack.pop();
  }
  return { closers: stack.reverse().join(""), inString };
}
