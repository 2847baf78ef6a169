/**
 * One model's state in the page: the transcript as the kernel tells it, and what only this page
 * knows (which cards and reasoning blocks the person opened, what was just sent). Every view of
 * the model shares it. Views are told at most once a frame, however many ops came.
 */
import { Assets } from "./assets";
import type { Attached } from "./attachments";
import { Drafts } from "./drafts";
import { settled } from "./earlier";
import type { Host } from "./host";
import { type Answerable, Outbox, type Question } from "./outbox";
import { EMPTY, reduce } from "./transcript";
import type { Transcript } from "./views";
import type { Command, Op } from "./wire";

/** Longest wait for a frame: a hidden tab gets no animation frames, a timer still runs there. */
const FRAME_FALLBACK_MS = 200;

export class Store {
  transcript: Transcript = EMPTY;
  /** A question that was sent and that the kernel has not shown yet. */
  pending: string | null = null;
  /** The files that go with it. */
  pendingFiles: readonly Attached[] = [];
  /** What the person wrote during a run: sent one by one, each when the run before it is done. */
  queue: readonly Question[] = [];
  /** What the kernel said to the last slash command. */
  said: { ok: boolean; text: string } | null = null;
  /** What the person opened or closed by hand, by part or call. */
  readonly toggles = new Map<string, boolean>();
  /** Carries a command to the kernel; the transport sets it. */
  send: (command: Command, buffers?: readonly ArrayBuffer[]) => void = () => {};
  /** The kernel is no more: the transcript can be read, and nothing else. */
  gone = false;
  /** What was written for that kernel and never reached it. */
  unsent: readonly string[] = [];
  /** Something was sent a while ago and nothing has come back. */
  silent = false;
  /** What the kernel is doing, in Jupyter's words, as far as the host tells. */
  kernelStatus: () => string = () => "";
  /** Draws what we cannot; the transport finds it. */
  host: Host | null = null;
  readonly drafts = new Drafts();
  readonly outbox = new Outbox((command, buffers) => this.send(command, buffers));
  readonly assets = new Assets((name) => this.send({ type: "asset", name }));

  readonly #listeners = new Set<() => void>();
  #frame: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;

  apply(ops: readonly Op[]): void {
    const was = this.transcript.status;
    for (const op of ops) {
      if (answersPending(op)) {
        this.pending = null;
        this.pendingFiles = [];
      }
      if (op.op === "reset") this.toggles.clear();
      this.transcript = reduce(this.transcript, op);
    }
    const { status, messages } = this.transcript;
    // After a run that was stopped or failed the person may want to say something else first.
    if (was !== "idle" && status === "idle" && messages.at(-1)?.state === "done") this.sendNext();
    if (ops.length > 0) this.changed();
    // The end of a run is shown in this very frame: nothing comes with it that were worth a wait.
    if (was === "running" && status === "idle") this.#flush();
  }

  /** Asks `text`, with what else belongs to the question. */
  ask(text: string, more: Partial<Question> = {}): void {
    const question = { text, files: [], ...more };
    if (this.gone) return;
    this.pending = text;
    this.pendingFiles = question.files;
    this.said = null;
    this.outbox.ask(question, (answer) => this.#asked(question, answer));
    this.changed();
  }

  /** Keeps `text` until the run that is going on is done. */
  enqueue(text: string, more: Partial<Question> = {}): void {
    this.queue = [...this.queue, { text, files: [], ...more }];
    this.changed();
  }

  /** Takes a question out of the queue, and gives it back to whoever wrote it. */
  unqueue(index: number): void {
    const question = this.queue[index];
    this.queue = this.queue.filter((_, known) => known !== index);
    if (question) this.drafts.give({ ...question, problem: "" });
    this.changed();
  }

  /** Sends the first of the queue, if there is one. */
  sendNext(): void {
    const [next, ...rest] = this.queue;
    if (next === undefined) return;
    this.queue = rest;
    this.ask(next.text, next);
  }

  /** Sends a slash command; what the kernel says to it is shown. */
  request(command: Answerable): void {
    this.said = null;
    this.outbox.request(command, ({ ok, text }) => this.say(ok, text));
    this.changed();
  }

  /** Shows a word about what was asked for, until it is dismissed; an empty one takes it away. */
  say(ok: boolean, text: string): void {
    this.said = text === "" ? null : { ok, text };
    this.changed();
  }

  #asked(question: Question, { ok, asked, text }: { ok: boolean; asked: boolean; text: string }) {
    if (asked) return;
    this.pending = null;
    this.pendingFiles = [];
    if (!ok) this.drafts.give({ ...question, problem: text });
    else this.say(true, text);
    this.changed();
  }

  /** The kernel is no more: nothing goes on, nothing is sent, what was not sent is kept. */
  lose(): void {
    if (this.gone) return;
    this.gone = true;
    this.silent = false;
    const waited = this.pending === null ? [] : [this.pending];
    this.unsent = [...waited, ...this.queue.map(({ text }) => text)];
    this.pending = null;
    this.pendingFiles = [];
    this.queue = [];
    this.transcript = settled(this.transcript);
    this.changed();
  }

  /** Gives a question back to who wrote it, as the kernel has not taken it up. */
  takeBack(): void {
    const { pending: text, pendingFiles: files } = this;
    // It is on its way all the same: what comes behind it ends what it begins.
    this.send({ type: "stop" });
    this.pending = null;
    this.pendingFiles = [];
    this.silent = false;
    if (text !== null) this.drafts.give({ text, files, problem: "" });
    this.changed();
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
