/** Above the composer: what the agent was shown, and the questions that wait for their turn. */
import type { Question } from "../outbox";
import type { Chip, Status } from "../views";
import { useView } from "./context";
import { Icon } from "./icons";

export function Shown({ chips }: { chips: readonly Chip[] }) {
  const { store } = useView();
  if (chips.length === 0) return null;
  return (
    <div class="nbagent-line" data-nbagent="shown">
      <span>Sees:</span>
      {chips.map(({ name, summary }) => (
        <span key={name} class="nbagent-chip nbagent-shown-chip" title={summary}>
          <span>{name}</span>
          <button
            type="button"
            aria-label={`Hide ${name}`}
            title="Show it no longer"
            onClick={() => store.send({ type: "hide", name })}
          >
            <Icon name="cross" />
          </button>
        </span>
      ))}
    </div>
  );
}

interface QueueProps {
  questions: readonly Question[];
  status: Status;
}

export function Queue({ questions, status }: QueueProps) {
  const { store } = useView();
  if (questions.length === 0) return null;
  return (
    <div class="nbagent-line" data-nbagent="queue">
      <span>{status === "idle" ? "Queued (Enter sends):" : "Queued:"}</span>
      {questions.map(({ text, files }, index) => (
        <span key={`${index}/${text}`} class="nbagent-chip nbagent-queued" title={text}>
          <span dir="auto">{text || files[0]?.name}</span>
          {files.length > 0 && <Files count={files.length} />}
          <button
            type="button"
            aria-label={`Take back: ${text || files[0]?.name}`}
            title="Take back"
            onClick={(event) => {
              focusComposer(event.currentTarget);
              store.unqueue(index);
            }}
          >
            <Icon name="cross" />
          </button>
        </span>
      ))}
    </div>
  );
}

function Files({ count }: { count: number }) {
  const words = `${count} ${count === 1 ? "file" : "files"}`;
  return (
    <span class="nbagent-queued-files" role="img" title={words} aria-label={words}>
      <Icon name="clip" />
      {count}
    </span>
  );
}

/** A button that goes with its click must not take the focus along. */
function focusComposer(inside: HTMLElement): void {
  inside
    .closest(".nbagent")
    ?.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]')
    ?.focus();
}
