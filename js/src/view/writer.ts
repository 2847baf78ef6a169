/**
 * Puts a growing text into the page without holding it up: a long piece at once goes in over several
 * frames, and what takes long is done less often.
 */
import type { LiveMarkdown } from "../markdown/live";
import { afterPaint, onFrame } from "./frames";

/** What one step should take; how much text that is, is learned on the way. */
const STEP_MS = 20;
const SMALLEST_STEP = 1000;
const FIRST_STEP = 4000;
const LARGEST_STEP = 40_000;
/** What of it goes into making the text; the browser takes about as long again to lay it out. */
const WORK_MS = 12;
/** A step that was cheap may have been lucky: the next one dares no more than this much more. */
const GROWTH = 2;
/** The end of a text may take longer: whoever sees that a run is over expects all of it. */
const LAST_STEP = 12_000;
/** The same of a text of which nothing is shown yet. */
const WHOLE_STEP = 4000;
/** The rest of a text waits for no more than the paint when it is no longer than this. */
const SHORT_REST = 20_000;
/** A frame that takes less leaves room for the next one to do the same. */
const CHEAP_MS = 12;
/** At most this share of the time goes into one text. */
const SHARE = 0.4;

/** Of all texts: a page that has drawn one is quicker with the next. */
let learned = FIRST_STEP;

export class Writer {
  readonly #live: LiveMarkdown;
  #text = "";
  #done = false;
  #shown = "";
  #step = learned;
  #nextAt = 0;
  #callOff: (() => void) | null = null;

  constructor(live: LiveMarkdown) {
    this.#live = live;
  }

  /** Shows `text`, now or in a few frames. */
  write(text: string, done: boolean): void {
    this.#text = text;
    this.#done = done;
    // The end of a text is shown at once, unless so much is missing that a step is on its way.
    const behind = this.#callOff !== null && !(done && this.#missing() <= this.#room());
    if (behind) return;
    const wait = done ? 0 : this.#nextAt - performance.now();
    if (wait > 0) this.#callOff = onFrame(() => this.#go(), wait);
    else this.#go();
  }

  dispose(): void {
    this.#callOff?.();
    this.#callOff = null;
  }

  #missing(): number {
    return this.#text.length - (this.#text.startsWith(this.#shown) ? this.#shown.length : 0);
  }

  #room(): number {
    if (!this.#done) return this.#step;
    return Math.max(this.#step, this.#shown === "" ? WHOLE_STEP : LAST_STEP);
  }

  #go(): void {
    this.dispose();
    const began = performance.now();
    const missing = this.#missing();
    const all = missing <= this.#room();
    const wanted = all ? this.#text : this.#text.slice(0, this.#text.length - missing + this.#step);
    const hasTime = () => performance.now() - began < WORK_MS;
    this.#shown = this.#live.update(wanted, all && this.#done, hasTime);
    const whole = this.#shown === this.#text;
    if (!whole) this.#goOn();
    if (!(whole && this.#done)) afterPaint(() => this.#learn(performance.now() - began, whole));
  }

  #goOn(): void {
    const again = () => this.#go();
    this.#callOff = this.#missing() > SHORT_REST ? onFrame(again) : soon(again);
  }

  /** What a step took, with laying it out and painting it. */
  #learn(took: number, whole: boolean): void {
    if (!whole) {
      const step = this.#step * Math.min(GROWTH, STEP_MS / Math.max(took, 1));
      learned = Math.round(Math.min(LARGEST_STEP, Math.max(SMALLEST_STEP, step)));
      this.#step = learned;
    } else {
      this.#nextAt = took < CHEAP_MS ? 0 : performance.now() - took + took / SHARE;
    }
  }
}

/** Calls `work` after the next paint, without waiting for a frame. Returns the way to call it off. */
function soon(work: () => void): () => void {
  let wanted = true;
  afterPaint(() => wanted && work());
  return () => {
    wanted = false;
  };
}
