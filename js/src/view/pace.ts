/** Keeps expensive work from filling every frame: what takes long is done less often. */
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";
import { afterPaint, onFrame } from "./frames";

/** At most this share of the time goes into one part's work. */
const SHARE = 0.3;
/** A frame with work below this is no burden. */
const CHEAP_MS = 12;

/**
 * The result of `work` for `input`, at most a little late while `settled` is false: after work that
 * took t ms the next begins no sooner than t / SHARE later. With `settled` it is always current.
 */
export function usePaced<T>(work: () => T, input: unknown, settled: boolean): T {
  const last = useRef<{ result: T; input: unknown; settled: boolean; nextAt: number } | null>(null);
  const [, again] = useReducer((count: number) => count + 1, 0);
  const known = last.current;
  const stale = known === null || known.input !== input || known.settled !== settled;
  const started = performance.now();
  const due = known === null || settled || started >= known.nextAt;
  const works = stale && due;
  if (works) last.current = { result: work(), input, settled, nextAt: 0 };
  useLayoutEffect(() => {
    const now = last.current;
    if (works && now !== null && !settled) {
      // Putting it into the page counts too.
      afterPaint(() => {
        const took = performance.now() - started;
        now.nextAt = took < CHEAP_MS ? 0 : started + took / SHARE;
      });
    }
    if (!stale || due) return;
    return onFrame(() => again(undefined), (known?.nextAt ?? 0) - started);
  });
  return (last.current as { result: T }).result;
}
