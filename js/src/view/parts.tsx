/** The parts of a message, in their order; and the runs that went on inside of a call. */
import { callOf, nestedOf } from "../transcript";
import type { Message, Part, Transcript } from "../wire";
import { useView } from "./context";
import { ErrorBox } from "./error";
import { Markdown } from "./markdown";
import { Reasoning } from "./reasoning";
import { useTranscript } from "./subscribe";
import { ToolCard } from "./tool-card";

interface PartsProps {
  message: Message;
  calls: Transcript["calls"];
  /** Inside of a card: smaller, and cards are folded unless there is something to do. */
  nested?: boolean;
}

export function Parts({ message, calls, nested = false }: PartsProps) {
  const streaming = message.state === "streaming";
  const last = message.parts.at(-1);
  const quiet = last === undefined || (last.kind === "reasoning" && last.done);
  return (
    <>
      {message.parts.map((part) => (
        <PartView
          key={part.part}
          id={`${message.id}/${part.part}`}
          part={part}
          calls={calls}
          live={streaming && part === last}
          settled={!streaming}
          nested={nested}
        />
      ))}
      {streaming && (quiet || settledCall(last, calls)) && <Waiting />}
      {message.state === "cancelled" && <p class="nbagent-notice">Stopped</p>}
    </>
  );
}

/** After a finished call the model is at work again, and nothing else shows it. */
function settledCall(part: Part | undefined, calls: Transcript["calls"]): boolean {
  if (part?.kind !== "call") return false;
  return !["streaming", "queued", "awaiting-approval", "running"].includes(
    calls[part.tool_call_id]?.state ?? "",
  );
}

function Waiting() {
  return (
    <p class="nbagent-waiting" aria-hidden="true">
      <i />
      <i />
      <i />
    </p>
  );
}

interface PartProps {
  id: string;
  part: Part;
  calls: Transcript["calls"];
  live: boolean;
  settled: boolean;
  nested: boolean;
}

function PartView({ id, part, calls, live, settled, nested }: PartProps) {
  const { store } = useView();
  if (part.kind === "text") {
    const name = nested ? "nested-text" : "text";
    return <Markdown text={part.text} done={part.done || settled} name={name} />;
  }
  if (part.kind === "reasoning") return <Reasoning id={id} part={part} live={live && !part.done} />;
  if (part.kind === "notice") return <p class="nbagent-notice">{part.text}</p>;
  if (part.kind !== "call") return null;
  const call = callOf({ calls } as Transcript, part.tool_call_id);
  if (call === undefined) return null;
  const toggled = store.toggles.get(call.tool_call_id);
  return <ToolCard call={call} toggled={toggled} nested={nested} inside={Inside} />;
}

/** The runs inside of a call. They follow the store by themselves: the call does not change. */
function Inside({ runs, failed }: { runs: readonly string[]; failed: boolean }) {
  const { store } = useView();
  const transcript = useTranscript(store);
  return (
    <>
      {runs.map((id) => {
        const run = nestedOf(transcript, id);
        if (run === undefined) return null;
        return (
          <div
            key={id}
            class="nbagent-nested"
            data-nbagent="nested-run"
            data-message-state={run.state}
          >
            <Parts message={run} calls={transcript.calls} nested={true} />
            {/* What failed inside is mostly what the call failed with. */}
            {run.error && !failed && <ErrorBox error={run.error} />}
          </div>
        );
      })}
    </>
  );
}
