/** Which version of a question this is, and the way to the others. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Message, Versions } from "../views";
import { useView, type ViewContext } from "./context";
import { Icon } from "./icons";
import { useTranscript } from "./subscribe";

/** The button that was pressed in a view: the message that it was on goes with its version. */
const pressed = new WeakMap<ViewContext, { index: number; next: boolean }>();

/** The log follows its end; who goes through the versions of a question looks at the question. */
function keepInSight(line: HTMLElement | null): void {
  line?.scrollIntoView({ block: "nearest" });
  // The event comes later by itself: too late, the log would be at its end again.
  line?.closest("[role=log]")?.dispatchEvent(new Event("scroll"));
}

export function Branches({ message, versions }: { message: Message; versions: Versions }) {
  const view = useView();
  const { store, announce } = view;
  const idle = useTranscript(store).status === "idle";
  const group = useRef<HTMLDivElement>(null);
  const { index, count } = versions;
  const words = `Version ${index + 1} of ${count}`;
  useLayoutEffect(() => {
    const wanted = pressed.get(view);
    if (wanted?.index !== index) return;
    pressed.delete(view);
    const [previous, next] = [...(group.current?.querySelectorAll("button") ?? [])];
    const ends = wanted.next ? [next, previous] : [previous, next];
    ends.find((button) => button?.getAttribute("aria-disabled") === "false")?.focus();
    announce(words);
    requestAnimationFrame(() => keepInSight(group.current));
  }, []);
  const go = (step: number) => {
    const version = index + step;
    if (!idle || version < 0 || version >= count) return;
    pressed.set(view, { index: version, next: step > 0 });
    store.send({ type: "branch", message: message.id, version });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent together
    <div
      ref={group}
      class="nbagent-branches"
      data-nbagent="branches"
      role="group"
      aria-label={words}
    >
      <button
        type="button"
        class="nbagent-quiet"
        aria-label="Previous version"
        title="Previous version of this question, with what followed it"
        aria-disabled={!idle || index === 0}
        onClick={() => go(-1)}
      >
        <Icon name="chevron" />
      </button>
      <span aria-hidden="true">
        {index + 1} / {count}
      </span>
      <button
        type="button"
        class="nbagent-quiet"
        aria-label="Next version"
        title="Next version of this question, with what followed it"
        aria-disabled={!idle || index === count - 1}
        onClick={() => go(1)}
      >
        <Icon name="chevron" />
      </button>
    </div>
  );
}
