/** Where what is too large for the bundle comes from: the kernel sends it, once a page, when needed. */
import type { Assets } from "../assets";
import { whenIdle } from "../idle";
import { type Highlighter, prepareColours, setHighlighterLoader } from "../markdown/highlight";
import { type Maths, setMathsLoader } from "../markdown/maths";
import { rehearse } from "../markdown/rehearsal";
import type { Store } from "../store";

/** Lets maths and code ask for what they need through these assets. */
export function loadFrom(assets: Assets): void {
  setMathsLoader(() => assets.module<Maths>("maths"));
  setHighlighterLoader(() => assets.module<Highlighter>("highlight"));
}

/** Who has sent the question by then gets the reply first. */
const WRITING_MS = 300;

/**
 * Gets ready for a reply while the person writes in `root`: asks for the colours of code, which asked
 * for with the first code come after the end of a fast reply. Returns the way to call it off.
 */
export function prepareAssets(store: Store, root: HTMLElement): () => void {
  const end = new AbortController();
  let callOff: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const prepare = (hasTime: () => boolean) => {
    if (store.gone || store.pending !== null || store.transcript.status !== "idle") return;
    loadFrom(store.assets);
    prepareColours();
    rehearse(hasTime);
    end.abort();
  };
  const onInput = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      callOff = whenIdle(prepare);
    }, WRITING_MS);
  };
  root.addEventListener("input", onInput, { signal: end.signal });
  return () => {
    end.abort();
    clearTimeout(timer);
    callOff?.();
  };
}
