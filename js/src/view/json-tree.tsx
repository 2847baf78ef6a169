/** JSON as a tree that is unfolded branch by branch: only what is open is in the page. */
import { useState } from "preact/hooks";
import { counted } from "../numbers";

/** Entries of a branch that are shown at once. */
const PAGE = 100;
/** Branches with no more entries than this are open at first, down to this depth. */
const SMALL = 12;
const DEEP = 2;
const LONGEST_TEXT = 2000;

export function JsonTree({ value, hints }: { value: unknown; hints?: unknown }) {
  const expanded = (hints as { expanded?: unknown } | undefined)?.expanded === true;
  return (
    <div class="nbagent-json">
      <Node name="" value={value} depth={expanded ? -DEEP : 0} />
    </div>
  );
}

interface NodeProps {
  name: string;
  value: unknown;
  depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  if (typeof value !== "object" || value === null) {
    return (
      <div class="nbagent-json-leaf">
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  }
  const entries = Object.entries(value);
  const what = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  return <Branch name={name} what={what} entries={entries} depth={depth} />;
}

interface BranchProps {
  name: string;
  what: string;
  entries: [string, unknown][];
  depth: number;
}

function Branch({ name, what, entries, depth }: BranchProps) {
  const [open, setOpen] = useState(depth === 0 || (depth < DEEP && entries.length <= SMALL));
  const [shown, setShown] = useState(PAGE);
  const rest = entries.length - shown;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Name name={name} />
        <span class="nbagent-muted">{what}</span>
      </summary>
      {open &&
        entries
          .slice(0, shown)
          .map(([key, item]) => <Node key={key} name={key} value={item} depth={depth + 1} />)}
      {open && rest > 0 && (
        <button type="button" class="nbagent-link" onClick={() => setShown(shown + 10 * PAGE)}>
          {`${counted(rest)} more`}
        </button>
      )}
    </details>
  );
}

function Name({ name }: { name: string }) {
  return name === "" ? null : <span class="nbagent-json-name">{name}: </span>;
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value !== "string") return <span class="hljs-number">{String(value)}</span>;
  const text = value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
  return <span class="hljs-string">{JSON.stringify(text)}</span>;
}
