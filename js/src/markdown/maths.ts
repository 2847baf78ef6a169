/**
 * Maths as MathML. The typesetter is large, so it is fetched only when a text has maths in it; until
 * then, and where it cannot be had, the TeX stands there as code.
 */
import { warnWithout } from "../assets";
import { sanitizeMaths } from "./sanitize";

export interface Maths {
  /** TeX to MathML; throws when it does not understand. */
  renderToString(tex: string, display: boolean): string;
}

export type MathsLoader = () => Promise<Maths>;

const WAITING = "data-nbagent-maths";
let load: MathsLoader | null = null;
let maths: Maths | null = null;
let loading: Promise<void> | null = null;
const known = new Map<string, DocumentFragment | null>();
/** More formulas than one transcript has; then it begins anew. */
const MOST_KNOWN = 2000;

/** Says how the typesetter is fetched, unless it is there. With null, maths stays TeX from now on. */
export function setMathsLoader(loader: MathsLoader | null): void {
  load = loader;
  loading = null;
  if (loader !== null) return;
  maths = null;
  known.clear();
}

/** The typesetter, from the loader that was set last. */
export async function loadMaths(): Promise<Maths> {
  if (load === null) throw new Error("no loader for maths was set");
  maths = await load();
  return maths;
}

/** An element with the formula, or with its TeX where that cannot be set (yet). */
export function mathsElement(tex: string, display: boolean): HTMLElement {
  const element = document.createElement("span");
  element.className = display ? "nbagent-maths nbagent-maths-display" : "nbagent-maths";
  element.setAttribute(WAITING, display ? "display" : "inline");
  const code = document.createElement("code");
  code.textContent = tex;
  element.append(code);
  typeset(element);
  return element;
}

/** Sets the formulas in `root` that still wait, now or once the typesetter is there. */
export function settleMaths(root: HTMLElement): void {
  if (load === null || root.querySelector(`[${WAITING}]`) === null) return;
  if (maths === null) {
    loading ??= loadMaths().then(
      () => undefined,
      (error: unknown) => {
        warnWithout("maths stays TeX: its typesetter could not be loaded", error);
      },
    );
    void loading.then(() => maths && settleMaths(root));
    return;
  }
  for (const element of root.querySelectorAll(`[${WAITING}]`)) typeset(element);
}

function typeset(element: Element): void {
  if (maths === null) return;
  const display = element.getAttribute(WAITING) === "display";
  const formula = formulaOf(maths, element.textContent ?? "", display);
  element.removeAttribute(WAITING);
  if (formula !== null) element.replaceChildren(formula.cloneNode(true));
}

function formulaOf(typesetter: Maths, tex: string, display: boolean): DocumentFragment | null {
  const key = `${display ? "display" : "inline"} ${tex}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size > MOST_KNOWN) known.clear();
  const made = make(typesetter, tex, display);
  known.set(key, made);
  return made;
}

function make(typesetter: Maths, tex: string, display: boolean): DocumentFragment | null {
  try {
    return sanitizeMaths(typesetter.renderToString(tex, display));
  } catch {
    // TeX that is wrong, or not whole yet, is shown as it is.
    return null;
  }
}
