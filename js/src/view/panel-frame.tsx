/** A panel above the text: named by its title, closed by Escape, its first control focused. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

interface FrameProps {
  title: ComponentChildren;
  onClose: () => void;
  children?: ComponentChildren;
}

export function Frame({ title, onClose, children }: FrameProps) {
  const label = useId();
  const box = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    box.current?.querySelector<HTMLElement>("[data-first]")?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    onClose();
  };
  return (
    <section
      ref={box}
      class="nbagent-panel"
      data-nbagent="panel"
      aria-labelledby={label}
      onKeyDown={onKeyDown}
    >
      <p id={label} class="nbagent-panel-title">
        {title}
      </p>
      {children}
    </section>
  );
}

export function Close({ onClose }: { onClose: () => void }) {
  return (
    <button
      type="button"
      class="nbagent-quiet nbagent-panel-close"
      aria-label="Close"
      title="Close (Escape)"
      data-first
      onClick={onClose}
    >
      <Icon name="cross" />
    </button>
  );
}
