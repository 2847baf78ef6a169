/** A call's arguments: names and values as they arrive, or the raw text when it is no JSON. */
import { type Entry, readArguments } from "../arguments";
import { highlight } from "../markdown/highlight";

export function Arguments({ text, growing }: { text: string; growing: boolean }) {
  const entries = readArguments(text, growing);
  return (
    <div class="nbagent-arguments" data-nbagent="arguments" data-growing={growing}>
      {entries === null ? (
        <pre class="nbagent-plain">{text}</pre>
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
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Texts as they are, of several lines as code; everything else as JSON. */
function Value({ value }: { value: unknown }) {
  if (typeof value === "string") {
    return value.includes("\n") ? <pre class="nbagent-plain">{value}</pre> : value;
  }
  const compact = JSON.stringify(value);
  const text = compact.length > 80 ? JSON.stringify(value, null, 2) : compact;
  const html = highlight(text, "json");
  if (html === null) return text;
  return <code dangerouslySetInnerHTML={{ __html: html }} />;
}
