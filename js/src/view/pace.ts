/** Keeps expensive work from filling every frame: what takes long is done less often. */
import { useEffect, useReducer, useRef } from "preact/hooks";

/** At most this share of the time goes into one part's work. */
const SHARE = 0.3;
/** Work below this is done in every frame. */
const CHEAP_MS = 6;

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
  if (stale && due) {
    const result = work();
    last.current = { result, input, settled, nextAt: 0 };
  }
  const worked = stale && due;
  useEffect(() => {
    if (worked && last.current) {
      // Measured up to here, so that putting it into the page counts too.
      const took = performance.now() - started;
      last.current.nextAt = took < CHEAP_MS ? 0 : started + took / SHARE;
    }
    if (!stale || due) return;
    const timer = setTimeout(again, Math.max(0, (known?.nextAt ?? 0) - performance.now()));
    return () => clearTimeout(timer);
  });
  return (last.current as { result: T }).result;
}
