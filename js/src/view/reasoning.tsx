/** What a model thought before it answered: there to be read, folded away unless asked for. */
import { useId } from "preact/hooks";
import type { ReasoningPart } from "../views";
import { useView } from "./context";
import { Icon } from "./icons";
import { Markdown } from "./markdown";

interface ReasoningProps {
  id: string;
  part: ReasoningPart;
  /** Nothing has come after it yet, and its message is still being written. */
  live: boolean;
}

export function Reasoning({ id, part, live }: ReasoningProps) {
  const { store } = useView();
  const body = useId();
  const open = store.toggles.get(id) ?? false;
  const text = part.text || part.summary;
  return (
    <section class="nbagent-reasoning" data-nbagent="reasoning" data-live={live}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={body}
        onClick={() => store.toggle(id, !open)}
      >
        <Icon name="chevron" />
        <span>{live ? "Reasoning…" : "Reasoning"}</span>
      </button>
      <div id={body} hidden={!open}>
        {open && <Markdown text={text} done={!live} />}
      </div>
    </section>
  );
}
