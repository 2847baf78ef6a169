/** A view's link to the store: drawn again whenever the store says so. */
import { useLayoutEffect, useReducer } from "preact/hooks";
import type { Store } from "../store";
import type { Transcript } from "../wire";

/** The store's transcript, now and after every frame in which something changed. */
export function useTranscript(store: Store): Transcript {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  // A layout effect: an ordinary one comes after the paint, and a change in between would be missed.
  useLayoutEffect(() => store.subscribe(() => redraw(undefined)), [store]);
  return store.transcript;
}
