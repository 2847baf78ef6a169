/** A picture in its frame, which opens at its full size. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icons";

interface FigureProps {
  source: string;
  alt: string;
  /** Keeps the place free while the picture is decoded. */
  size?: { width?: number; height?: number };
}

export function Figure({ source, alt, size = {} }: FigureProps) {
  const [open, setOpen] = useState(false);
  return (
    <div class="nbagent-figure">
      <button
        type="button"
        aria-label={`${alt}: open at full size`}
        title="Open at full size"
        onClick={() => setOpen(true)}
      >
        <img src={source} alt={alt} {...size} />
      </button>
      {open && <Large source={source} alt={alt} onClose={() => setOpen(false)} />}
    </div>
  );
}

interface LargeProps {
  source: string;
  alt: string;
  onClose: () => void;
}

/** A dialog of the browser's own: above everything, Escape closes it, and the focus goes back. */
function Large({ source, alt, onClose }: LargeProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal?.(), []);
  const close = () => dialog.current?.close?.();
  return (
    <dialog
      ref={dialog}
      class="nbagent-large"
      aria-label={alt}
      onClose={onClose}
      onClick={close}
      onKeyDown={(event) => event.stopPropagation()}
    >
      <button type="button" class="nbagent-quiet" aria-label="Close" title="Close" onClick={close}>
        <Icon name="cross" />
      </button>
      <img src={source} alt={alt} />
    </dialog>
  );
}
