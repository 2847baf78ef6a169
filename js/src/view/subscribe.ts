/** A view's link to the store: drawn again whenever the store says so. */
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import type { Store } from "../store";
import type { Transcript } from "../views";

/** The store's transcript, now and after every frame in which something changed. */
export function useTranscript(store: Store): Transcript {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  // A layout effect: an ordinary one comes after the paint, and a change in between would be missed.
  useLayoutEffect(() => store.subscribe(() => redraw(undefined)), [store]);
  return store.transcript;
}

/** The store's transcript; drawn again only when something that `pick` picks is another one. */
export function usePicked(
  store: Store,
  pick: (transcript: Transcript) => readonly unknown[],
): Transcript {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const now = useRef({ pick, picked: pick(store.transcript) });
  now.current = { pick, picked: pick(store.transcript) };
  useLayoutEffect(
    () =>
      store.subscribe(() => {
        const { pick, picked } = now.current;
        const next = pick(store.transcript);
        const same =
          next.length === picked.length && next.every((value, index) => value === picked[index]);
        if (!same) redraw(undefined);
      }),
    [store],
  );
  return store.transcript;
}
