/** One message: a question in its bubble, or everything a run of the agent brought, in order. */
import { memo } from "preact/compat";
import { callOf } from "../transcript";
import type { Part, Transcript, Usage, Message as WireMessage } from "../wire";
import { useView } from "./context";
import { CopyButton } from "./copy";
import { ErrorBox } from "./error";
import { Icon } from "./icons";
import { Markdown } from "./markdown";
import { Reasoning } from "./reasoning";
import { ToolCard } from "./tool-card";

interface MessageProps {
  message: WireMessage;
  calls: Transcript["calls"];
  /** The last message may be asked for again; an earlier one may not. */
  retry: boolean;
  /** Rises with every toggle, which the message's own data do not show. */
  toggles: string;
}

export const Message = memo(function Message({ message, calls, retry }: MessageProps) {
  const isUser = message.role === "user";
  return (
    <article
      class="nbagent-message"
      data-nbagent="message"
      data-role={message.role}
      data-message-state={message.state}
      aria-label={isUser ? "You" : "Assistant"}
    >
      {isUser ? <UserText message={message} /> : <Answer message={message} calls={calls} />}
      {!isUser && message.state !== "streaming" && <Footer message={message} retry={retry} />}
    </article>
  );
}, sameMessage);

function sameMessage(before: MessageProps, after: MessageProps): boolean {
  return (
    before.message === after.message &&
    before.retry === after.retry &&
    before.toggles === after.toggles &&
    (before.calls === after.calls ||
      after.message.parts.every(
        (part) =>
          part.kind !== "call" ||
          before.calls[part.tool_call_id] === after.calls[part.tool_call_id],
      ))
  );
}

/** The person's own words stay as they were typed. */
function UserText({ message }: { message: WireMessage }) {
  return (
    <div class="nbagent-bubble">
      {message.parts.map(
        (part) =>
          part.kind === "text" && (
            <div key={part.part} data-nbagent="text" dir="auto">
              {part.text}
            </div>
          ),
      )}
    </div>
  );
}

function Answer({ message, calls }: { message: WireMessage; calls: Transcript["calls"] }) {
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
        />
      ))}
      {streaming && (quiet || settledCall(last, calls)) && <Waiting />}
      {message.state === "cancelled" && <p class="nbagent-notice">Stopped</p>}
      {message.error && <ErrorBox error={message.error} />}
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
}

function PartView({ id, part, calls, live, settled }: PartProps) {
  const { store } = useView();
  if (part.kind === "text")
    return <Markdown text={part.text} done={part.done || settled} name="text" />;
  if (part.kind === "reasoning") return <Reasoning id={id} part={part} live={live && !part.done} />;
  if (part.kind === "notice") return <p class="nbagent-notice">{part.text}</p>;
  const call = callOf({ calls } as Transcript, part.tool_call_id);
  if (call === undefined) return null;
  return <ToolCard call={call} toggled={store.toggles.get(call.tool_call_id)} />;
}

function Footer({ message, retry }: { message: WireMessage; retry: boolean }) {
  const { store } = useView();
  const text = () =>
    message.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
  return (
    <footer class="nbagent-footer">
      {message.parts.some((part) => part.kind === "text") && <CopyButton text={text} />}
      {retry && (
        <button
          type="button"
          class="nbagent-secondary"
          onClick={() => store.send({ type: "retry" })}
        >
          <Icon name="retry" />
          Retry
        </button>
      )}
      {message.usage && <UsageLine usage={message.usage} />}
    </footer>
  );
}

function UsageLine({ usage }: { usage: Usage }) {
  const count = (tokens: number) => tokens.toLocaleString("en");
  if (usage.input_tokens + usage.output_tokens === 0) return null;
  return (
    <span class="nbagent-usage">
      {`${count(usage.input_tokens)} in · ${count(usage.output_tokens)} out`}
    </span>
  );
}
