/** Above the composer: what the agent was shown, and the questions that wait for their turn. */
import type { Chip, Status } from "../wire";
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

export function Queue({ texts, status }: { texts: readonly string[]; status: Status }) {
  const { store } = useView();
  if (texts.length === 0) return null;
  return (
    <div class="nbagent-line" data-nbagent="queue">
      <span>{status === "idle" ? "Queued (Enter sends):" : "Queued:"}</span>
      {texts.map((text, index) => (
        <span key={`${index}/${text}`} class="nbagent-chip nbagent-queued" title={text}>
          <span dir="auto">{text}</span>
          <button
            type="button"
            aria-label={`Take back: ${text}`}
            title="Take back"
            onClick={() => store.unqueue(index)}
          >
            <Icon name="cross" />
          </button>
        </span>
      ))}
    </div>
  );
}
