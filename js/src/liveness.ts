/**
 * Whether the kernel is there, as far as the host and the browser tell. Nobody tells everything: a
 * lost connection comes back without a word, a laptop wakes up, a kernel is restarted.
 */

export interface Pulse {
  /** Something may have been missed: the connection, the tab or the computer was away. */
  back(): void;
  /** The kernel that the widget lives in is no more. */
  gone(): void;
}

/** What JupyterLab's widget manager shows of its kernel; another host may have nothing of it. */
interface Kernel {
  status?: unknown;
  statusChanged?: Signal;
  connectionStatusChanged?: Signal;
}

interface Signal {
  connect(slot: (sender: unknown, value: unknown) => void): unknown;
  disconnect(slot: (sender: unknown, value: unknown) => void): unknown;
}

const ENDED = ["restarting", "autorestarting", "dead", "terminating"];
/** The clock is looked at so often; a step of more than twice as much is a computer that slept. */
const LOOK_MS = 5000;

/** Tells `pulse` until `signal` aborts; gives what says what the kernel is doing ("" = unknown). */
export function watchKernel(manager: unknown, pulse: Pulse, signal: AbortSignal): () => string {
  const options = { signal };
  const back = () => {
    if (!document.hidden) pulse.back();
  };
  for (const name of ["online", "pageshow", "focus"]) window.addEventListener(name, back, options);
  for (const name of ["visibilitychange", "resume"]) {
    document.addEventListener(name, back, options);
  }
  watchClock(back, signal);
  const kernel = kernelOf(manager);
  listen(kernel?.statusChanged, (status) => ENDED.includes(status) && pulse.gone(), signal);
  listen(kernel?.connectionStatusChanged, (now) => now === "connected" && pulse.back(), signal);
  return () => String(kernelOf(manager)?.status ?? "");
}

function watchClock(back: () => void, signal: AbortSignal): void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    if (now - last > 2 * LOOK_MS) back();
    last = now;
  }, LOOK_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}

function listen(told: Signal | undefined, hear: (value: string) => void, end: AbortSignal): void {
  if (typeof told?.connect !== "function") return;
  const slot = (_: unknown, value: unknown) => hear(String(value));
  told.connect(slot);
  end.addEventListener("abort", () => told.disconnect(slot), { once: true });
}

function kernelOf(manager: unknown): Kernel | null {
  if (typeof manager !== "object" || manager === null || !("kernel" in manager)) return null;
  const { kernel } = manager;
  return typeof kernel === "object" ? kernel : null;
}

/** What ipywidgets puts on a view whose widget has no connection to a kernel (any more). */
const CUT_OFF = "jupyter-widgets-disconnected";

/** Tells of a view that is cut off, now or later, until `signal` aborts. */
export function watchView(el: HTMLElement, gone: () => void, signal: AbortSignal): void {
  const look = () => {
    if (el.closest(`.${CUT_OFF}`) !== null) gone();
  };
  const observer = new MutationObserver(look);
  observer.observe(el, { attributes: true, attributeFilter: ["class"] });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  look();
}
