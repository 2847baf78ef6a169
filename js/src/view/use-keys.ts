/** What the keys do in the field that the person writes in. */
import type { Transcript } from "../views";
import { useRecall } from "./recall";
import type { SlashList } from "./slash";
import type { Doing, Writing } from "./use-composing";

interface Parts {
  writing: Writing;
  doing: Doing;
  /** The commands that fit what is written. */
  list: SlashList;
  closePanel: () => void;
}

export function useKeys(transcript: Transcript, { writing, doing, list, closePanel }: Parts) {
  const recall = useRecall(transcript);
  const { draft, panel, write } = writing;

  /** Whether the key was for the list of commands. */
  const chosen = (event: KeyboardEvent): boolean => {
    const { options, active } = list;
    const option = options[active];
    if (option === undefined || event.shiftKey) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) list.activate((active + step + options.length) % options.length);
    else if (event.key === "Enter") doing.take(option);
    else if (event.key === "Tab") write(option.completed);
    else if (event.key === "Escape") list.close();
    else return false;
    return true;
  };

  return (event: KeyboardEvent) => {
    // While an input method composes a character, its keys belong to it (229: Safari says it so).
    if (event.isComposing || event.keyCode === 229) return;
    if (chosen(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const recalled = event.shiftKey ? null : recall(event.key, draft.text);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      doing.submit();
    } else if (event.key === "Escape" && panel !== null) {
      event.stopPropagation();
      closePanel();
    } else if (recalled !== null) {
      event.preventDefault();
      write(recalled);
    }
  };
}
