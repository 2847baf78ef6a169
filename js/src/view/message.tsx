/** One message: a question in its bubble, or everything a run of the agent brought, in order. */
import { memo } from "preact/compat";
import { counted } from "../numbers";
import type { Transcript, Usage, Message as WireMessage } from "../views";
import { useView } from "./context";
import { CopyButton } from "./copy";
import { ErrorBox } from "./error";
import { Icon } from "./icons";
import { Parts } from "./parts";
import { UserMessage } from "./user-message";

interface MessageProps {
  message: WireMessage;
  calls: Transcript["calls"];
  /** The last message may be asked for again; an earlier one may not. */
  retry: boolean;
  /** What the person opened and closed in it, which the message's own data do not show. */
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
      {isUser ? <UserMessage message={message} /> : <Answer message={message} calls={calls} />}
      {!isUser && message.state !== "streaming" && <Footer message={message} retry={retry} />}
    </article>
  );
}, sameMessage);

function sameMessage(before: MessageProps, after: MessageProps): boolean {
  return (
    before.message === after.message &&
    before.retry === after.retry &&
    before.toggles === after.toggles &&
    (before.calls === after.calls || sameCalls(after.message, before.calls, after.calls))
  );
}

type Calls = Transcript["calls"];

/** Whether nothing has changed in the message's calls. */
export function sameCalls({ parts }: WireMessage, before: Calls, after: Calls): boolean {
  return parts.every(
    (part) => part.kind !== "call" || before[part.tool_call_id] === after[part.tool_call_id],
  );
}

function Answer({ message, calls }: { message: WireMessage; calls: Transcript["calls"] }) {
  return (
    <>
      <Parts message={message} calls={calls} />
      {message.error && <ErrorBox error={message.error} />}
    </>
  );
}

function Footer({ message, retry }: { message: WireMessage; retry: boolean }) {
  const { store } = useView();
  const text = () =>
    message.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n\n");
  const again = () => store.send({ type: "retry" });
  return (
    <footer class="nbagent-footer">
      {message.parts.some((part) => part.kind === "text") && <CopyButton text={text} />}
      {retry && message.state === "failed" && (
        <button type="button" class="nbagent-secondary" onClick={again}>
          <Icon name="retry" />
          Retry
        </button>
      )}
      {retry && message.state !== "failed" && (
        <button
          type="button"
          class="nbagent-quiet"
          aria-label="Ask again"
          title="Ask again, in place of this answer"
          onClick={again}
        >
          <Icon name="retry" />
        </button>
      )}
      {message.usage && <UsageLine usage={message.usage} />}
    </footer>
  );
}

function UsageLine({ usage }: { usage: Usage }) {
  if (usage.input_tokens + usage.output_tokens === 0) return null;
  return (
    <span class="nbagent-usage">
      {`${counted(usage.input_tokens)} in · ${counted(usage.output_tokens)} out`}
    </span>
  );
}
