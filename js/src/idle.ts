/** Work that may wait: done in the page's idle time, a piece at a time. */

/** A piece takes no longer, so that a key that is pressed meanwhile need not wait for it. */
const PIECE_MS = 8;
/** A page that is never idle does it in the end. */
const LATEST_MS = 300;

/**
 * Calls `work` once there is time; `hasTime` says whether there still is. Returns the way to call
 * it off.
 */
export function whenIdle(work: (hasTime: () => boolean) => void): () => void {
  const piece = () => {
    const end = performance.now() + PIECE_MS;
    work(() => performance.now() < end);
  };
  if (typeof requestIdleCallback === "undefined") {
    const timer = setTimeout(piece, 1);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(piece, { timeout: LATEST_MS });
  return () => cancelIdleCallback(handle);
}
