/**
 * One model's state in the page: the transcript as the kernel tells it, and what only this page
 * knows (which cards and reasoning blocks the person opened, what was just sent). Every view of
 * the model shares it. Views are told at most once a frame, however many ops came.
 */
import { Assets } from "./assets";
import type { Host } from "./host";
import { EMPTY, reduce } from "./transcript";
import type { Command, Op, Transcript } from "./wire";

/** Longest wait for a frame: a hidden tab gets no animation frames, a timer still runs there. */
const FRAME_FALLBACK_MS = 200;

export class Store {
  transcript: Transcript = EMPTY;
  /** A question that was sent and that the kernel has not shown yet. */
  pending: string | null = null;
  /** What the person wrote during a run: sent one by one, each when the run before it is done. */
  queue: readonly string[] = [];
  /** What the person opened or closed by hand, by part or call. */
  readonly toggles = new Map<string, boolean>();
  /** Carries a command to the kernel; the transport sets it. */
  send: (command: Command) => void = () => {};
  /** Draws what we cannot; the transport finds it. */
  host: Host | null = null;
  readonly assets = new Assets((name) => this.send({ type: "asset", name }));

  readonly #listeners = new Set<() => void>();
  #frame: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  apply(ops: readonly Op[]): void {
    const was = this.transcript.status;
    for (const op of ops) {
      if (answersPending(op)) this.pending = null;
      if (op.op === "reset") this.toggles.clear();
      this.transcript = reduce(this.transcript, op);
    }
    const { status, messages } = this.transcript;
    // After a run that was stopped or failed the person may want to say something else first.
    if (was !== "idle" && status === "idle" && messages.at(-1)?.state === "done") this.sendNext();
    if (ops.length > 0) this.changed();
  }

  ask(text: string): void {
    this.pending = text;
    this.send({ type: "ask", text });
    this.changed();
  }

  /** Keeps `text` until the run that is going on is done. */
  enqueue(text: string): void {
    this.queue = [...this.queue, text];
    this.changed();
  }

  unqueue(index: number): void {
    this.queue = this.queue.filter((_, known) => known !== index);
    this.changed();
  }

  /** Sends the first of the queue, if there is one. */
  sendNext(): void {
    const [next, ...rest] = this.queue;
    if (next === undefined) return;
    this.queue = rest;
    this.ask(next);
  }

  toggle(key: string, open: boolean): void {
    this.toggles.set(key, open);
    this.changed();
  }

  /** Calls `listener` after every frame in which something changed; returns the way to stop it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    if (this.#timer !== null) return;
    this.#frame = requestAnimationFrame(() => this.#flush());
    this.#timer = setTimeout(() => this.#flush(), FRAME_FALLBACK_MS);
  }

  dispose(): void {
    this.#cancel();
    this.assets.dispose();
    this.#listeners.clear();
  }

  #flush(): void {
    this.#cancel();
    for (const listener of [...this.#listeners]) listener();
  }

  #cancel(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = null;
    this.#timer = null;
  }
}

function answersPending(op: Op): boolean {
  return (
    op.op === "snapshot" || op.op === "reset" || (op.op === "message_start" && op.role === "user")
  );
}
