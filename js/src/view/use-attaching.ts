/** Adds files to what is being written, and says so. */
import type { StateUpdater } from "preact/hooks";
import { fitting } from "../attachments";
import type { Draft } from "../drafts";
import { inspectAll } from "./attach";
import { useView } from "./context";
import { hostFiles } from "./host-drop";
import { outsideFiles, useDrops } from "./use-drops";

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
  const { store, announce } = useView();
  const attach = async (chosen: readonly File[], problem = "") => {
    if (!enabled || (chosen.length === 0 && problem === "")) return;
    const { found, problems } = await inspectAll(chosen);
    if (problem !== "") problems.unshift(problem);
    setDraft((now) => {
      const fit = fitting(now.files, found);
      return { ...now, files: fit.files, problem: [...problems, ...fit.problems].join(" ") };
    });
    // What is wrong is said by the note that shows it.
    if (found.length > 0) announce(`Attached ${found.map(({ name }) => name).join(", ")}`);
    area.current?.focus();
  };
  const dragged = hostFiles(store.host?.urlOf, (files, problem) => {
    void attach(files, problem);
  });
  const dropped = useDrops(area, outsideFiles(attach));
  const over = useDrops(area, dragged) || dropped;
  return { attach, over: over && enabled };
}
