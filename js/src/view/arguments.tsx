/** A call's arguments: names and values as they arrive, or the raw text when it is no JSON. */
import { useMemo, useRef } from "preact/hooks";
import { type Entry, readArguments } from "../arguments";
import { prettyJson } from "../json-print";
import type { Json } from "../json-reader";
import { highlight } from "../markdown/highlight";
import { CodeText } from "./code-text";
import { useFollowedEnd } from "./follow-end";
import { usePaced } from "./pace";

/** What takes more than some lines has a box that is reached by keyboard, since it scrolls. */
const LONG = 600;
/** Arguments of these names are code. */
const LANGUAGES: Record<string, string> = {
  code: "python",
  python: "python",
  script: "python",
  source: "python",
  sql: "sql",
  query: "sql",
};

export function Arguments({ text, growing }: { text: string; growing: boolean }) {
  const entries = usePaced(() => readArguments(text, growing), text, !growing);
  return (
    <div class="nbagent-arguments" data-nbagent="arguments" data-growing={growing}>
      {entries === null ? (
        <Box text={text} whole={!growing} language="" />
      ) : (
        <Entries entries={entries} growing={growing} />
      )}
    </div>
  );
}

function Entries({ entries, growing }: { entries: Entry[]; growing: boolean }) {
  if (entries.length === 0) {
    return <span class="nbagent-muted">{growing ? "…" : "no arguments"}</span>;
  }
  return (
    <dl>
      {entries.map(({ name, value, whole }) => (
        <div key={name} data-whole={whole}>
          <dt>{name}</dt>
          <dd>
            <Value name={name} value={value} whole={whole} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Texts as they are, of several lines in a box; everything else as JSON. */
function Value({ name, value, whole }: { name: string; value: Json; whole: boolean }) {
  if (value.kind !== "text") return <JsonValue value={value} />;
  const { text } = value;
  if (!text.includes("\n") && text.length <= LONG) return <>{text}</>;
  const language = Object.hasOwn(LANGUAGES, name) ? (LANGUAGES[name] ?? "") : "";
  return <Box text={text} whole={whole} language={language} />;
}

function JsonValue({ value }: { value: Json }) {
  const text = prettyJson(value);
  const html = useMemo(() => highlight(text, "json"), [text]);
  const code =
    html === null ? <code>{text}</code> : <code dangerouslySetInnerHTML={{ __html: html }} />;
  if (text.length <= LONG) return code;
  return (
    <pre class="nbagent-plain" tabIndex={0}>
      {code}
    </pre>
  );
}

interface BoxProps {
  text: string;
  whole: boolean;
  language: string;
}

function Box({ text, whole, language }: BoxProps) {
  const box = useRef<HTMLPreElement>(null);
  const onScroll = useFollowedEnd(box, [text, whole], !whole);
  return (
    <pre ref={box} class="nbagent-plain" tabIndex={0} onScroll={onScroll}>
      <CodeText text={text} whole={whole} language={language} />
    </pre>
  );
}
