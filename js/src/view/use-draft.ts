/** What is being written in one composer; it outlives that composer, see `Drafts`. */
import { type StateUpdater, useEffect, useRef, useState } from "preact/hooks";
import type { Draft } from "../drafts";
import type { Store } from "../store";

export const BLANK: Draft = { text: "", files: [], problem: "" };

export type SetDraft = (update: StateUpdater<Draft>) => void;

export function useDraft(store: Store): [Draft, SetDraft] {
  const [draft, setDraft] = useState(BLANK);
  const latest = useRef(draft);
  latest.current = draft;
  useEffect(() => {
    const end = store.drafts.take((given) => setDraft((now) => together(given, now)));
    return () => {
      end();
      store.drafts.keep({ ...latest.current, problem: "" });
    };
  }, [store]);
  return [draft, setDraft];
}

/** What came back stands before what was written meanwhile. */
function together(given: Draft, now: Draft): Draft {
  return {
    text: [given.text, now.text].filter((text) => text.trim() !== "").join("\n"),
    files: [...given.files, ...now.files],
    problem: given.problem,
  };
}
