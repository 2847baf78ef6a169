/** Things dragged over the widget and dropped there, whoever tells of them. */
import { useEffect, useRef, useState } from "preact/hooks";

/** One kind of drags: those of the browser itself, or those of the program around us. */
export interface Drags<Drag extends Event> {
  /** What stands before the browser's own names of the events. */
  prefix: string;
  /** Whether what is dragged can be dropped here. */
  carries(drag: Drag): boolean;
  /** Tells who drags that it can. */
  accept(drag: Drag): void;
  drop(drag: Drag): void;
}

type Place = { current: HTMLElement | null };

/** Takes them anywhere on the widget that `inside` is in; says whether one hovers. */
export function useDrops<Drag extends Event>(inside: Place, drags: Drags<Drag>): boolean {
  const [over, setOver] = useState(false);
  const now = useRef(drags);
  now.current = drags;
  const { prefix } = drags;
  useEffect(() => {
    const root = inside.current?.closest<HTMLElement>(".nbagent");
    if (!root) return;
    const end = new AbortController();
    const on = (type: string, listener: (drag: Drag) => void) => {
      const listen = (event: Event) => {
        if (!now.current.carries(event as Drag)) return;
        // The notebook would open the file, or the browser would go to it.
        event.preventDefault();
        event.stopPropagation();
        listener(event as Drag);
      };
      root.addEventListener(prefix + type, listen, { signal: end.signal });
    };
    const hover = (drag: Drag) => {
      now.current.accept(drag);
      entered = drag.target;
      setOver(true);
    };
    // A child is entered before its parent is left: who leaves what was entered last leaves us.
    let entered: EventTarget | null = null;
    on("dragenter", hover);
    on("dragover", hover);
    on("dragleave", ({ target }) => {
      if (target === entered) setOver(false);
    });
    on("drop", (drag) => {
      now.current.accept(drag);
      setOver(false);
      now.current.drop(drag);
    });
    return () => end.abort();
  }, [inside, prefix]);
  return over;
}

/** Files that come from outside the page. */
export function outsideFiles(onFiles: (files: File[]) => void): Drags<DragEvent> {
  return {
    prefix: "",
    carries: ({ dataTransfer }) => dataTransfer?.types.includes("Files") === true,
    accept: ({ dataTransfer }) => {
      if (dataTransfer) dataTransfer.dropEffect = "copy";
    },
    drop: ({ dataTransfer }) => onFiles([...(dataTransfer?.files ?? [])]),
  };
}
