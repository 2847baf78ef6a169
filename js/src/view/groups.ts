/**
 * Which messages of a long talk are drawn, and when. The newest are there at once; those before them
 * follow in idle time, newest first, and at once where the reader scrolls to them.
 */
import { flushSync } from "preact/compat";
import { whenIdle } from "../idle";
import type { Message } from "../views";

/** Messages that a browser lays out, and skips when they are out of sight, together. */
export const GROUP = 8;
/** What is drawn at once: so many messages of so many characters. */
const MOST_AT_ONCE = 8;
const CHARACTERS_AT_ONCE = 3500;
/** Around what is in sight, as a share of its height. */
const NEAR = "150% 0px";

interface Waiting {
  readonly place: Element;
  readonly from: number;
  /** Draws one message more. */
  readonly draw: () => void;
  near: boolean;
}

export class Drawing {
  #known = 0;
  #first = 0;
  readonly #waiting = new Map<Element, Waiting>();
  #observer: IntersectionObserver | null = null;
  #callOff: (() => void) | null = null;

  /** Takes note of the messages there are, before they are drawn. */
  look(messages: readonly Message[]): void {
    let room = CHARACTERS_AT_ONCE;
    let first = messages.length;
    while (first > this.#known && messages.length - first < MOST_AT_ONCE && room > 0) {
      first -= 1;
      room -= charactersOf(messages[first]);
    }
    this.#first = first;
    this.#known = messages.length;
  }

  /** How many of the messages `from` … `end`, counted from the first, are not drawn yet. */
  undrawn(from: number, end: number): number {
    return Math.max(0, Math.min(this.#first, end) - from);
  }

  /** Calls `draw` as often as the group at `place` needs it; returns the way to stop that. */
  wait(place: Element, from: number, draw: () => void): () => void {
    this.#waiting.set(place, { place, from, draw, near: false });
    this.#watch()?.observe(place);
    this.#later();
    return () => {
      this.#waiting.delete(place);
      this.#observer?.unobserve(place);
    };
  }

  #watch(): IntersectionObserver | null {
    if (this.#observer !== null || typeof IntersectionObserver === "undefined") {
      return this.#observer;
    }
    const saw = (entries: IntersectionObserverEntry[]) => {
      for (const { target, isIntersecting } of entries) {
        const waiting = this.#waiting.get(target);
        if (waiting) waiting.near = isIntersecting;
      }
      if (this.#next()?.near) this.#draw(() => false);
    };
    // The log clips what it scrolls, so the margin has to be its own.
    const root = [...this.#waiting.keys()][0]?.closest(".nbagent-log");
    this.#observer = new IntersectionObserver(saw, { root: root ?? null, rootMargin: NEAR });
    return this.#observer;
  }

  #next(): Waiting | undefined {
    let best: Waiting | undefined;
    for (const waiting of this.#waiting.values()) {
      const better = best === undefined || waiting.near > best.near;
      if (better || (waiting.near === best?.near && waiting.from > best.from)) best = waiting;
    }
    return best;
  }

  #later(): void {
    if (this.#waiting.size === 0) {
      this.#observer?.disconnect();
      this.#observer = null;
      return;
    }
    this.#callOff ??= whenIdle((hasTime) => this.#draw(hasTime));
  }

  #draw(hasTime: () => boolean): void {
    this.#callOff?.();
    this.#callOff = null;
    do {
      const next = this.#next();
      if (next === undefined) break;
      flushSync(next.draw);
    } while (hasTime());
    this.#later();
  }

  dispose(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#waiting.clear();
    this.#observer?.disconnect();
    this.#observer = null;
  }
}

function charactersOf(message: Message | undefined): number {
  let count = 0;
  // A card takes as long as a page of words.
  for (const part of message?.parts ?? [])
    count += part.kind === "call" ? 2000 : 500 + ("text" in part ? part.text.length : 0);
  return count;
}

/** About how high a message will be: what a scroll bar says of what was never laid out. */
export function guessHeight({ role, parts }: Message): number {
  let height = role === "user" ? 22 : 40;
  for (const part of parts) {
    if (part.kind === "text") height += 23 * (1 + Math.ceil(part.text.length / 95));
    else height += part.kind === "call" ? 180 : 28;
  }
  return height;
}
