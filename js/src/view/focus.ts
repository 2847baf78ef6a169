/**
 * Keeps the focus in the view. A button that is gone or can no longer be pressed (Stop, Approve, a
 * chip's cross) would leave the keyboard with nothing: where it goes instead is near by, and never a
 * place where the same key pressed again would do harm.
 */

const CARD = '[data-nbagent="tool-card"]';
const LINE = ".nbagent-line, .nbagent-always, [data-nbagent-line]";
const COMPOSER = 'textarea[aria-label="Message"]';

/** Looks after the focus inside of `root` until `signal` aborts. */
export function keepFocus(root: HTMLElement, signal: AbortSignal): void {
  /** What has the focus, and what held it then. */
  let path: Element[] = [];
  const onIn = ({ target }: FocusEvent) => {
    path = target instanceof Element ? [...holders(target, root)] : [];
  };
  const onOut = () => {
    const [left] = path;
    // Whether it went by itself is known when all that is being changed has been.
    queueMicrotask(() => {
      if (left !== undefined && left === path[0] && canHold(left) && activeIn(root) !== left)
        path = [];
    });
  };
  const observer = new MutationObserver(() => {
    const [held] = path;
    if (held === undefined || canHold(held)) return;
    const active = activeIn(root);
    if (active !== null && active !== document.body && active !== held) return;
    const next = placeFor(path, root);
    path = [];
    next?.focus({ preventScroll: true });
  });
  root.addEventListener("focusin", onIn, { signal });
  root.addEventListener("focusout", onOut, { signal });
  const attributeFilter = ["disabled", "hidden"];
  observer.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

function* holders(element: Element, root: Element): Generator<Element> {
  for (let at: Element | null = element; at !== null && at !== root; at = at.parentElement)
    yield at;
}

const canHold = (element: Element) =>
  element.isConnected && !element.matches(":disabled") && element.closest("[hidden]") === null;

/** The element that has the focus, also where the view is in a shadow root. */
function activeIn(root: HTMLElement): Element | null {
  const place = root.getRootNode();
  return place instanceof ShadowRoot ? place.activeElement : document.activeElement;
}

function placeFor(path: readonly Element[], root: HTMLElement): HTMLElement | null {
  const left = path.find((element) => element.isConnected);
  const header = left?.closest(CARD)?.querySelector<HTMLElement>("button[aria-expanded]");
  const line = left?.closest(LINE)?.querySelector<HTMLElement>("button:enabled");
  return header ?? line ?? root.querySelector<HTMLElement>(COMPOSER);
}
