/** The voice of a view: gathers what there is to say, and says it at the pace of a listener. */

/** What comes within this time is said together. */
const GATHER_MS = 250;
/** Shortest time between two utterances. */
const PACE_MS = 1500;
/** Utterances that stay in the page; a reader that is behind finds them there. */
const KEPT = 4;
/** More calls than these at once are summed up. */
const MANY = 3;

export interface Utterance {
  id: number;
  text: string;
}

/** Something to say. A `call` is a change of a tool call, of which there may be very many. */
export interface Saying {
  text: string;
  call?: string;
}

export class Speaker {
  said: readonly Utterance[] = [];
  #waiting: Saying[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #count = 0;
  #changed: () => void = () => {};

  /** Calls `changed` when there is something new in `said`, until `signal` aborts. */
  start(changed: () => void, signal: AbortSignal): void {
    this.#changed = changed;
    signal.addEventListener("abort", () => clearTimeout(this.#timer), { once: true });
  }

  say = (saying: Saying | string): void => {
    this.#waiting.push(typeof saying === "string" ? { text: saying } : saying);
    if (this.#timer !== undefined) return;
    const wait = Math.max(GATHER_MS, this.#lastAt + PACE_MS - performance.now());
    this.#timer = setTimeout(() => this.#speak(), wait);
  };

  #speak(): void {
    this.#timer = undefined;
    this.#lastAt = performance.now();
    const text = summed(this.#waiting).join("\n");
    this.#waiting = [];
    this.#count += 1;
    this.said = [...this.said, { id: this.#count, text }].slice(-KEPT);
    this.#changed();
  }
}

/** The texts of `sayings`; of many calls only how many there are in each state. */
function summed(sayings: readonly Saying[]): string[] {
  const calls = sayings.filter(({ call }) => call !== undefined);
  if (calls.length <= MANY) return sayings.map(({ text }) => text);
  const counts = new Map<string, number>();
  for (const { call = "" } of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  const sums = [...counts].map(([words, count]) => `${count} tools: ${words}`);
  return [...sums, ...sayings.flatMap(({ text, call }) => (call === undefined ? [text] : []))];
}
