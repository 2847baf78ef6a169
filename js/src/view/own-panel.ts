/**
 * A view that has a panel to itself fills it (panel.css): what the host has between the two is marked
 * here. A selector that asks which elements hold a view, `:has(.nbagent-root)`, would have the browser
 * style each of them anew, up to the page's own root, with every block that a reply brings.
 */
import { onceLaidOut } from "./frames";

const PANELS = ".jupyterlab-sidecar, .jp-LinkedOutputView";
const MARK = "data-nbagent-holds";
/** How many views an element holds. */
const held = new WeakMap<Element, number>();

/** Marks what holds `root`, up to the panel that it has to itself, until `signal` aborts. */
export function fillPanel(root: HTMLElement, signal: AbortSignal): void {
  let marked: Element[] = [];
  // A host puts the view into the page when it likes.
  const callOff = onceLaidOut(root, () => {
    marked = holdersOf(root);
    for (const element of marked) count(element, 1);
  });
  const end = () => {
    callOff();
    for (const element of marked) count(element, -1);
  };
  signal.addEventListener("abort", end, { once: true });
}

function holdersOf(root: HTMLElement): Element[] {
  const panel = root.parentElement?.closest(PANELS);
  if (!panel) return [];
  const holders: Element[] = [];
  for (let at = root.parentElement; at !== null && holders.at(-1) !== panel; at = at.parentElement)
    holders.push(at);
  return holders;
}

function count(element: Element, more: number): void {
  const views = (held.get(element) ?? 0) + more;
  held.set(element, views);
  element.toggleAttribute(MARK, views > 0);
}
