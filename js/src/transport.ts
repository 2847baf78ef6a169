/**
 * The only file that touches anywidget's `model`: takes its messages in order, notices what is
 * missing and asks for it, puts binary buffers where they belong, and sends commands.
 */
import { hostOf } from "./host";
import { watchKernel } from "./liveness";
import type { Store } from "./store";
import type { Bundle, Call, Message, Output } from "./views";
import {
  type Command,
  type Op,
  parseAnswer,
  parseAsset,
  parseMessage,
  parseSnapshot,
  WIRE_VERSION,
} from "./wire";

/** The part of anywidget's model that we use. */
export interface WidgetModel {
  get(name: string): unknown;
  set?(name: string, value: unknown): void;
  send(content: unknown, callbacks?: unknown, buffers?: unknown): void;
  on(name: string, callback: (...values: never[]) => void): void;
  off(name: string, callback: (...values: never[]) => void): void;
  /** The host's manager of all widgets; what it can do differs from host to host. */
  readonly widget_manager?: unknown;
}

/** How long a running agent may be silent before the page asks whether it missed something. */
const SILENCE_MS = 3000;
const SILENCE_MAX_MS = 30_000;
/** What a person sends is doubted when nothing at all has come back for so long; then once more. */
const ECHO_MS = 4000;
const ECHO_AGAIN_MS = 6000;
/** Shortest time between two requests for a resync. */
const RESYNC_AGAIN_MS = 1000;

/** Connects `model` and `store` until `signal` aborts. */
export function connect(model: WidgetModel, store: Store, signal: AbortSignal): void {
  new Transport(model, store, signal);
}

class Transport {
  readonly #model: WidgetModel;
  readonly #store: Store;
  /** The last message that is part of the transcript. */
  #seq = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #askLater: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #silenceMs = SILENCE_MS;
  #echo: ReturnType<typeof setTimeout> | undefined;
  #keeping = false;

  constructor(model: WidgetModel, store: Store, signal: AbortSignal) {
    this.#model = model;
    this.#store = store;
    store.send = (command, buffers) => this.#send(command, buffers);
    store.host = hostOf(model.widget_manager);
    const onMessage = (content: unknown, buffers: readonly unknown[] = []) =>
      this.#receive(content, buffers);
    const onSnapshot = () => {
      if (this.#keeping) return;
      this.#revive();
      this.#adopt();
      this.#heard();
    };
    model.on("msg:custom", onMessage);
    model.on("change:snapshot", onSnapshot);
    signal.addEventListener("abort", () => {
      model.off("msg:custom", onMessage);
      model.off("change:snapshot", onSnapshot);
      clearTimeout(this.#askLater);
      clearTimeout(this.#silence);
      clearTimeout(this.#echo);
      store.dispose();
    });
    const pulse = { back: () => this.#resync(), gone: () => store.lose() };
    store.kernelStatus = watchKernel(model.widget_manager, pulse, signal);
    this.#adopt();
    // Messages sent while this module was being loaded reached nobody. The kernel answers only
    // when it has something newer than the snapshot.
    this.#resync();
  }

  /** Takes over the snapshot trait when it is newer than what we have. */
  #adopt(): void {
    const snapshot = parseSnapshot(this.#model.get("snapshot"));
    if (snapshot === null || (snapshot.seq <= this.#seq && this.#seq > 0)) return;
    this.#seq = snapshot.seq;
    this.#store.apply([{ op: "snapshot", transcript: snapshot.transcript }]);
    this.#watch();
  }

  #receive(content: unknown, buffers: readonly unknown[]): void {
    this.#revive();
    try {
      if (this.#take(content, buffers)) this.#heard();
    } catch (error) {
      console.error("[nbagent] unreadable message, asking for the whole transcript", error);
      this.#resync();
    }
    this.#watch();
  }

  /** Whether somebody hears us, as far as the message tells. */
  #take(content: unknown, buffers: readonly unknown[]): boolean {
    const asset = parseAsset(content);
    if (asset !== null) {
      const [packed] = buffers as readonly ArrayBufferView<ArrayBuffer>[];
      void this.#store.assets.arrived(asset.asset, asset.ok ? packed : undefined);
      return true;
    }
    const answer = parseAnswer(content);
    if (answer !== null) {
      this.#store.outbox.answered(answer);
      return true;
    }
    const { seq, ops, heard } = parseMessage(content);
    const whole = ops.findLastIndex((op) => op.op === "snapshot");
    if (whole < 0 && seq === this.#seq) return heard;
    if (whole < 0 && (ops.length === 0 || seq !== this.#seq + 1)) {
      this.#resync();
      return heard;
    }
    clearTimeout(this.#askLater);
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#seq = seq;
    this.#silenceMs = SILENCE_MS;
    this.#store.apply(buffers.length > 0 ? ops.map((op) => fill(op, buffers)) : ops);
    if (this.#store.transcript.status === "idle") this.#keep();
    return true;
  }

  /**
   * Puts what is shown into the model, in this page alone: a host that saves widgets with the
   * notebook saves it, and not the empty transcript that the widget was made with.
   */
  #keep(): void {
    this.#keeping = true;
    const { transcript } = this.#store;
    this.#model.set?.("snapshot", { v: WIRE_VERSION, seq: this.#seq, transcript });
    this.#keeping = false;
  }

  /** Asks for a snapshot, now or as soon as RESYNC_AGAIN_MS have passed since the last time. */
  #resync(): void {
    clearTimeout(this.#askLater);
    const wait = this.#askedAt + RESYNC_AGAIN_MS - performance.now();
    if (wait > 0) {
      this.#askLater = setTimeout(() => this.#resync(), wait);
      return;
    }
    this.#askedAt = performance.now();
    this.#send({ type: "resync", seq: this.#seq });
  }

  /** While a run is on, silence may mean that its last messages were lost on the way. */
  #watch(): void {
    clearTimeout(this.#silence);
    if (this.#store.transcript.status === "idle") return;
    this.#silence = setTimeout(() => {
      this.#silenceMs = Math.min(this.#silenceMs * 2, SILENCE_MAX_MS);
      this.#resync();
      this.#watch();
    }, this.#silenceMs);
  }

  #send(command: Command, buffers?: readonly ArrayBuffer[]): void {
    if (this.#store.gone) return;
    try {
      if (buffers === undefined) this.#model.send(command);
      else this.#model.send(command, undefined, buffers);
    } catch (error) {
      // JupyterLab refuses what goes to a kernel that is no more.
      console.warn("[nbagent] the kernel cannot be reached", error);
      this.#store.lose();
      return;
    }
    if (command.type !== "resync" && command.type !== "asset") this.#expect();
  }

  /** Something has to come back to what a person sends, if only the answer to our asking. */
  #expect(): void {
    clearTimeout(this.#echo);
    this.#echo = setTimeout(() => {
      this.#askedAt = Number.NEGATIVE_INFINITY;
      this.#resync();
      this.#echo = setTimeout(() => this.#unanswered(), ECHO_AGAIN_MS);
    }, ECHO_MS);
  }

  #unanswered(): void {
    // A kernel that has nothing else to do and does not answer knows nothing of this widget.
    if (this.#store.kernelStatus() === "idle") this.#store.lose();
    else this.#store.silent = true;
    this.#store.changed();
  }

  /** A message came, whatever it says. */
  #revive(): void {
    if (!this.#store.gone) return;
    this.#store.gone = false;
    // What was settled in the page goes on in the kernel.
    this.#seq = 0;
    this.#store.changed();
  }

  /** The kernel hears us; a question that it has not taken up is waited for anew. */
  #heard(): void {
    clearTimeout(this.#echo);
    if (this.#store.pending !== null) this.#expect();
    if (!this.#store.silent) return;
    this.#store.silent = false;
    this.#store.changed();
  }
}

/** `op` with each `{buffer: i}` MIME value replaced by the i-th buffer. */
function fill(op: Op, buffers: readonly unknown[]): Op {
  switch (op.op) {
    case "output":
      return { ...op, output: fillOutput(op.output, buffers) };
    case "update":
      return { ...op, bundle: fillBundle(op.bundle, buffers) };
    case "attachment":
    case "drawn":
    case "result":
      return { ...op, bundle: op.bundle && fillBundle(op.bundle, buffers) };
    case "snapshot": {
      const calls = Object.entries(op.transcript.calls).map(
        ([id, call]) => [id, fillCall(call, buffers)] as const,
      );
      const messages = op.transcript.messages.map((message) => fillMessage(message, buffers));
      const transcript = { ...op.transcript, messages, calls: Object.fromEntries(calls) };
      return { ...op, transcript };
    }
    default:
      return op;
  }
}

function fillMessage(message: Message, buffers: readonly unknown[]): Message {
  if (!message.parts.some((part) => part.kind === "attachment")) return message;
  const parts = message.parts.map((part) =>
    part.kind === "attachment" && part.bundle
      ? { ...part, bundle: fillBundle(part.bundle, buffers) }
      : part,
  );
  return { ...message, parts };
}

function fillCall(call: Call, buffers: readonly unknown[]): Call {
  const outputs = call.outputs.map((output) => fillOutput(output, buffers));
  const filled = { ...call, outputs, bundle: call.bundle && fillBundle(call.bundle, buffers) };
  if (!call.drawn?.bundle) return filled;
  return { ...filled, drawn: { ...call.drawn, bundle: fillBundle(call.drawn.bundle, buffers) } };
}

function fillOutput(output: Output, buffers: readonly unknown[]): Output {
  if (output.kind !== "display") return output;
  return { ...output, bundle: fillBundle(output.bundle, buffers) };
}

function fillBundle(bundle: Bundle, buffers: readonly unknown[]): Bundle {
  const data = Object.entries(bundle.data).map(([mime, value]) => {
    const index = bufferIndex(value);
    return [mime, index === null ? value : buffers[index]] as const;
  });
  return { ...bundle, data: Object.fromEntries(data) };
}

function bufferIndex(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("buffer" in value)) return null;
  if (value instanceof DataView || Object.keys(value).length !== 1) return null;
  return typeof value.buffer === "number" ? value.buffer : null;
}
