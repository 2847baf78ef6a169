/** JSON for people: on one line where it is short, else a member a line. Numbers as written. */
import { type Json, readJson } from "./json-reader";

/** `value` on one line. */
export function compactJson(value: Json): string {
  switch (value.kind) {
    case "text":
      return JSON.stringify(value.text);
    case "literal":
      return value.source;
    case "list":
      return `[${value.items.map(compactJson).join(", ")}]`;
    case "object": {
      const members = [...value.entries].map(([name, item]) => member(name, compactJson(item)));
      return `{${members.join(", ")}}`;
    }
  }
}

/** `value` with at most `room` characters a line where that can be; always folded with none. */
export function prettyJson(value: Json, room = 80, indent = ""): string {
  const isEmpty =
    (value.kind === "list" && value.items.length === 0) ||
    (value.kind === "object" && value.entries.size === 0);
  if (value.kind === "text" || value.kind === "literal" || isEmpty) return compactJson(value);
  if (room > 0) {
    const compact = compactJson(value);
    if (indent.length + compact.length <= room) return compact;
  }
  const inner = `${indent}  `;
  const [open, close] = value.kind === "list" ? "[]" : "{}";
  const members =
    value.kind === "list"
      ? value.items.map((item) => prettyJson(item, room, inner))
      : [...value.entries].map(([name, item]) => member(name, prettyJson(item, room, inner)));
  return `${open}\n${members.map((line) => inner + line).join(",\n")}\n${indent}${close}`;
}

/** `text` with a member a line where it is an object's JSON, else as it is. */
export function tidyJson(text: string): string {
  const value = readJson(text);
  if (value?.kind !== "object") return text;
  return value.entries.size === 0 ? "{}" : prettyJson(value, 0);
}

const member = (name: string, value: string) => `${JSON.stringify(name)}: ${value}`;
