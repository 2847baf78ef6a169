/** The page's frames: work for the next one, and word of when one has been painted. */

/** A hidden tab gets no animation frames; a timer still runs there. */
const FALLBACK_MS = 200;

/** Calls `work` in the first frame after `wait` ms. Returns the way to call it off. */
export function onFrame(work: () => void, wait = 0): () => void {
  let frame = 0;
  let timer: ReturnType<typeof setTimeout>;
  const callOff = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
  const run = () => {
    callOff();
    work();
  };
  const ask = () => {
    frame = requestAnimationFrame(run);
    timer = setTimeout(run, FALLBACK_MS);
  };
  if (wait > 0) timer = setTimeout(ask, wait);
  else ask();
  return callOff;
}

/** Calls `work` once the frame that is being made has been laid out and painted. */
export function afterPaint(work: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    work();
  };
  port2.postMessage(null);
}

/**
 * Calls `work` once `element` has been laid out and before it is painted, or now where nobody can
 * tell. Returns the way to call it off.
 */
export function onceLaidOut(element: Element, work: () => void): () => void {
  if (typeof ResizeObserver === "undefined") {
    work();
    return () => {};
  }
  const observer = new ResizeObserver(() => {
    observer.disconnect();
    work();
  });
  observer.observe(element);
  return () => observer.disconnect();
}
