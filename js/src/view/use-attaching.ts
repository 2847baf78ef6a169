/** Adds files to what is being written, and says so. */
import type { StateUpdater } from "preact/hooks";
import { fitting } from "../attachments";
import type { Draft } from "../drafts";
import { inspectAll, useDrop } from "./attach";
import { useView } from "./context";
import { useHostDrop } from "./host-drop";

interface Attaching {
  attach: (files: readonly File[]) => Promise<void>;
  /** Whether files hover over the widget. */
  over: boolean;
}

/** `enabled`: whether there is a kernel that takes files. */
export function useAttaching(
  area: { current: HTMLTextAreaElement | null },
  setDraft: (update: StateUpdater<Draft>) => void,
  enabled: boolean,
): Attaching {
  const { announce } = useView();
  const attach = async (chosen: readonly File[]) => {
    if (!enabled || chosen.length === 0) return;
    const { found, problems } = await inspectAll(chosen);
    setDraft((now) => {
      const fit = fitting(now.files, found);
      return { ...now, files: fit.files, problem: [...problems, ...fit.problems].join(" ") };
    });
    // What is wrong is said by the note that shows it.
    if (found.length > 0) announce(`Attached ${found.map(({ name }) => name).join(", ")}`);
    area.current?.focus();
  };
  const dropped = useDrop(area, attach);
  const dragged = useHostDrop(area, (files, problem) => {
    if (problem !== "" && enabled) setDraft((now) => ({ ...now, problem }));
    void attach(files);
  });
  return { attach, over: (dropped || dragged) && enabled };
}
