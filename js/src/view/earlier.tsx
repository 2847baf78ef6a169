/** Above the composer: that the kernel is no more, or that it does not answer; what was not sent. */
import { useLayoutEffect } from "preact/hooks";
import { useView } from "./context";
import { CopyButton } from "./copy";
import { Icon } from "./icons";

const isThere = (element: Element | null) =>
  element?.matches(":disabled") === false && element.checkVisibility();

export const EARLIER = "This transcript is from an earlier kernel.";

export function Earlier() {
  const { store, root } = useView();
  const { gone } = store;
  useLayoutEffect(() => {
    const focused = document.activeElement;
    // What is taken away must not take the focus with it.
    if (gone && root.current?.contains(focused) && !isThere(focused)) {
      root.current.querySelector<HTMLElement>("[role=log]")?.focus();
    }
  }, [gone]);
  if (gone) {
    return (
      <div class="nbagent-earlier" data-nbagent="earlier" role="status">
        <p>
          <Icon name="clock" />
          <span>{EARLIER} Run the cell again to go on with a new one.</span>
        </p>
        {store.unsent.map((text, index) => (
          <span key={`${index}/${text}`} class="nbagent-unsent" data-nbagent="unsent">
            <span class="nbagent-muted">Not sent:</span>
            <span dir="auto">{text}</span>
            <CopyButton text={() => text} />
          </span>
        ))}
      </div>
    );
  }
  if (!store.silent) return null;
  const busy = store.kernelStatus() === "busy";
  return (
    <div class="nbagent-earlier" data-nbagent="silent" role="status">
      <p>
        <Icon name="clock" />
        <span>
          {busy
            ? "The kernel is busy with a cell. It gets to this when the cell has ended."
            : "The kernel has not answered yet. If it was restarted, run the cell again."}
        </span>
      </p>
      {store.pending !== null && (
        <button type="button" class="nbagent-secondary" onClick={() => store.takeBack()}>
          Take the question back
        </button>
      )}
    </div>
  );
}
