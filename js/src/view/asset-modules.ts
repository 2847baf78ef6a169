/** Where what is too large for the bundle comes from: the kernel sends it, once a page, when needed. */
import type { Assets } from "../assets";
import { type Highlighter, setHighlighterLoader } from "../markdown/highlight";
import { type Maths, setMathsLoader } from "../markdown/maths";

/** Lets maths and code ask for what they need through these assets. */
export function loadFrom(assets: Assets): void {
  setMathsLoader(() => assets.module<Maths>("maths"));
  setHighlighterLoader(() => assets.module<Highlighter>("highlight"));
}
