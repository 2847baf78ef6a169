/** A call as Python: always an expression that Python reads, with the same values as the JSON. */
import { type Json, readJson } from "./json-reader";

/** As wide as a line of a call is before it is folded, one argument a line. */
const WIDTH = 88;
const KEYWORDS = new Set(
  (
    "False None True and as assert async await break class continue def del elif else except " +
    "finally for from global if import in is lambda nonlocal not or pass raise return try while " +
    "with yield __debug__"
  ).split(" "),
);
/** Letters that Python's own normal form leaves as they are. */
const NAME = /^[A-Za-z_À-ÖØ-öø-ɏ][\wÀ-ÖØ-öø-ɏ]*$/;
/** Python's reader gives up on integers of more digits. */
const LONGEST_INTEGER = 4300;
const WORDS: Record<string, string> = { true: "True", false: "False", null: "None" };
const ESCAPES: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
// What cannot be seen, or would be taken for something else: controls, halves of characters,
// spaces without width, marks that turn the direction of the text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are escaped
const UNSEEN = /[\\\u0000-\u001f\u007f-\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The call of the tool `name` with `json` arguments; null when they are not those of a call.
 * A name that Python cannot have has `_` in the place of what does not fit.
 */
export function pythonCall(name: string, json: string): string | null {
  const value = readJson(json.trim() === "" ? "{}" : json);
  if (value?.kind !== "object" || !isReadable(value)) return null;
  const called = functionName(name);
  const line = `${called}(${write(value.entries).join(", ")})`;
  const folds = [...value.entries.values()].some(
    (item) => item.kind === "text" && hasLines(item.text),
  );
  if (line.length <= WIDTH && !folds) return line;
  const members = write(value.entries, "    ");
  if (members.length === 0) return `${called}()`;
  return `${called}(\n${members.map((member) => `    ${member},\n`).join("")})`;
}

/** The tool's name as one that Python takes. */
function functionName(name: string): string {
  // Of a call inside of another the path stands before it.
  const own = (name.split("/").at(-1) ?? "").replace(/[^\w]/g, "_");
  if (own === "") return "tool";
  return /^\d/.test(own) || KEYWORDS.has(own) ? `_${own}` : own;
}

const isName = (text: string) =>
  NAME.test(text) && !KEYWORDS.has(text) && text.normalize("NFKC") === text;

/** The arguments one by one: with names, and what can have none as an unpacked dict at the end. */
function write(entries: ReadonlyMap<string, Json>, indent?: string): string[] {
  const named: string[] = [];
  const others = new Map<string, Json>();
  for (const [name, value] of entries) {
    if (isName(name)) named.push(`${name}=${python(value, indent, name.length + 1)}`);
    else others.set(name, value);
  }
  if (others.size === 0) return named;
  return [...named, `**${python({ kind: "object", entries: others }, indent, 2)}`];
}

/** `value` as Python; without `indent` on one line. `before`: what stands on the line before it. */
function python(value: Json, indent?: string, before = 0): string {
  if (value.kind === "literal") return WORDS[value.source] ?? value.source;
  if (value.kind === "text") {
    return indent !== undefined ? text(value.text) : quoted(value.text);
  }
  const [open, close] = value.kind === "list" ? "[]" : "{}";
  const items =
    value.kind === "list"
      ? value.items.map((item) => ["", item] as const)
      : [...value.entries].map(([name, item]) => [`${quoted(name)}: `, item] as const);
  const line = `${open}${items.map(([key, item]) => key + python(item)).join(", ")}${close}`;
  const room = WIDTH - (indent?.length ?? 0) - before - 1;
  if (indent === undefined || items.length === 0 || line.length <= room) return line;
  const inner = `${indent}    `;
  const lines = items.map(([key, item]) => `${inner}${key}${python(item, inner, key.length)},\n`);
  return `${open}\n${lines.join("")}${indent}${close}`;
}

/** Several lines stay lines. */
function text(value: string): string {
  if (!hasLines(value)) return quoted(value);
  const body = escaped(value, "\n").replace(/"(?="")|"$/g, '\\"');
  return `"""${body}"""`;
}

const hasLines = (value: string) => value.trimEnd().includes("\n");

function quoted(value: string): string {
  const mark = value.includes('"') && !value.includes("'") ? "'" : '"';
  return mark + escaped(value, "").replaceAll(mark, `\\${mark}`) + mark;
}

function escaped(value: string, kept: string): string {
  const plain = value.replace(UNSEEN, (found) => (found === kept ? found : escapeOne(found)));
  return plain.replace(LONE, escapeOne);
}

function escapeOne(character: string): string {
  const code = character.charCodeAt(0);
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`;
}

const hex = (code: number, length: number) => code.toString(16).padStart(length, "0");

/** Whether Python's reader takes every number in it. */
function isReadable(value: Json): boolean {
  if (value.kind === "list") return value.items.every(isReadable);
  if (value.kind === "object") return [...value.entries.values()].every(isReadable);
  return value.kind === "text" || value.source.length < LONGEST_INTEGER;
}
