/** The calls of one step: their cards, under a line that sums them up where they are several. */
import { callOf } from "../transcript";
import type { Call, CallPart, Part, Transcript } from "../views";
import { useView } from "./context";
import { type Inside, stateWords, ToolCard } from "./tool-card";

/** What needs somebody is named first, what is over last. */
const ORDER = [
  "awaiting-approval",
  "streaming",
  "queued",
  "running",
  "failed",
  "denied",
  "interrupted",
  "cancelled",
  "done",
];

interface CallsProps {
  parts: readonly CallPart[];
  calls: Transcript["calls"];
  nested: boolean;
  inside: Inside;
}

export function Calls({ parts, calls, nested, inside }: CallsProps) {
  const { store } = useView();
  const known = parts.flatMap(({ tool_call_id }) => callOf({ calls }, tool_call_id) ?? []);
  const label = `${known.length} tools at once`;
  const cards = known.map((call) => (
    <ToolCard
      key={call.tool_call_id}
      call={call}
      toggled={store.toggles.get(call.tool_call_id)}
      nested={nested}
      inside={inside}
    />
  ));
  // One element for one call as for many: a card stays the same when another comes beside it.
  return (
    <div class="nbagent-calls" {...(known.length > 1 && { role: "group", "aria-label": label })}>
      {known.length > 1 && (
        <p class="nbagent-calls-line" data-nbagent="calls">
          <strong>{label}</strong>
          <span>{statesInWords(known)}</span>
        </p>
      )}
      {cards}
    </div>
  );
}

/** "1 needs approval, 2 done". */
export function statesInWords(calls: readonly Call[]): string {
  const counts = new Map<string, number>();
  for (const { state } of calls) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts]
    .toSorted(([one], [other]) => ORDER.indexOf(one) - ORDER.indexOf(other))
    .map(([state, count]) => `${count} ${stateWords(state as Call["state"]).toLowerCase()}`)
    .join(", ");
}

/** `parts` in their order, with calls of the same step that follow each other as one. */
export function inSteps(parts: readonly Part[]): (Exclude<Part, CallPart> | CallPart[])[] {
  const found: (Exclude<Part, CallPart> | CallPart[])[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (part.kind !== "call") found.push(part);
    else if (Array.isArray(last) && part.beside !== undefined && first(last) === part.beside) {
      last.push(part);
    } else found.push([part]);
  }
  return found;
}

const first = ([leader]: CallPart[]) => leader?.beside ?? leader?.tool_call_id;
