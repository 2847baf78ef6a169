/** The parts of a message, in their order; and the runs that went on inside of a call. */
import { callOf, nestedOf } from "../transcript";
import type { CallPart, Message, Part, Transcript } from "../views";
import { Calls, inSteps } from "./calls";
import { useView } from "./context";
import { ErrorBox } from "./error";
import { useInsert } from "./insert";
import { Markdown } from "./markdown";
import { Reasoning } from "./reasoning";
import { usePicked } from "./subscribe";

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
      {inSteps(message.parts).map((part) =>
        Array.isArray(part) ? (
          <Calls key={part[0]?.part} parts={part} calls={calls} nested={nested} inside={Inside} />
        ) : (
          <PartView
            key={part.part}
            id={`${message.id}/${part.part}`}
            part={part}
            live={streaming && part === last}
            settled={!streaming}
            nested={nested}
          />
        ),
      )}
      {streaming && (quiet || settledCall(last, calls)) && <Waiting />}
      {message.state === "cancelled" && <p class="nbagent-notice">Stopped</p>}
    </>
  );
}

/** After a finished call the model is at work again, and nothing else shows it. */
function settledCall(part: Part | undefined, calls: Transcript["calls"]): boolean {
  if (part?.kind !== "call") return false;
  return !["streaming", "queued", "awaiting-approval", "running"].includes(
    callOf({ calls }, part.tool_call_id)?.state ?? "",
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
  part: Exclude<Part, CallPart>;
  live: boolean;
  settled: boolean;
  nested: boolean;
}

function PartView({ id, part, live, settled, nested }: PartProps) {
  const insert = useInsert();
  if (part.kind === "text") {
    const name = nested ? "nested-text" : "text";
    const done = part.done || settled;
    return <Markdown text={part.text} done={done} name={name} {...(insert && { insert })} />;
  }
  if (part.kind === "reasoning") return <Reasoning id={id} part={part} live={live && !part.done} />;
  return part.kind === "notice" ? <p class="nbagent-notice">{part.text}</p> : null;
}

/** The runs inside of a call. They follow the store by themselves: the call does not change. */
function Inside({ runs, failed }: { runs: readonly string[]; failed: boolean }) {
  const { store } = useView();
  const transcript = usePicked(store, (now) => [
    ...runs.flatMap((id) => shownOf(now, id)),
    [...store.toggles].join(),
  ]);
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

/** A run and its calls. */
function shownOf(transcript: Transcript, id: string): unknown[] {
  const run = nestedOf(transcript, id);
  const calls = run?.parts.flatMap((part) =>
    part.kind === "call" ? [callOf(transcript, part.tool_call_id)] : [],
  );
  return [run, ...(calls ?? [])];
}
