/** The transport: order, gaps, buffers, silence, and that it leaves nothing behind. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Store } from "../src/store";
import { EMPTY } from "../src/transcript";
import { connect } from "../src/transport";
import type { Transcript } from "../src/views";
import type { Op } from "../src/wire";
import { FakeModel } from "./fake-model";

const running: Transcript = {
  ...EMPTY,
  status: "running",
  messages: [
    {
      id: "a",
      role: "assistant",
      state: "streaming",
      parts: [],
      error: null,
      created: 1,
      usage: null,
    },
  ],
};
const text = (value: string): Op => ({ op: "text", message: "a", part: "1", text: value });

let model: FakeModel;
let store: Store;
let lifetime: AbortController;

function open(transcript: Transcript = running, seq = 4): void {
  model = new FakeModel();
  model.snapshot = { v: 1, seq, transcript };
  store = new Store();
  lifetime = new AbortController();
  connect(model, store, lifetime.signal);
}

const shown = () => {
  const part = store.transcript.messages[0]?.parts[0];
  return part?.kind === "text" ? part.text : "";
};
const resyncs = () => model.sent.filter((command) => command.type === "resync");

beforeEach(() => {
  vi.useFakeTimers();
  open();
});
afterEach(() => {
  lifetime.abort();
  vi.useRealTimers();
});

describe("connect", () => {
  it("begins with the snapshot and asks once whether there is something newer", () => {
    expect(store.transcript).toEqual(running);
    expect(resyncs()).toEqual([{ type: "resync", seq: 4 }]);
  });

  it("applies messages that follow one another", () => {
    model.emit(5, [text("a")]);
    model.emit(6, [text("b")]);
    expect(shown()).toBe("ab");
    expect(resyncs()).toHaveLength(1);
  });

  it("takes a tick that carries the known seq as nothing", () => {
    vi.advanceTimersByTime(1500);
    model.emit(4, []);
    expect(resyncs()).toHaveLength(1);
  });

  it("asks for a resync when a tick shows that something was missed", () => {
    vi.advanceTimersByTime(1500);
    model.emit(5, []);
    expect(resyncs()).toHaveLength(2);
  });

  it("does not apply what comes after a gap, asks, and takes the snapshot that answers", () => {
    vi.advanceTimersByTime(1500);
    model.emit(6, [text("lost before me")]);
    expect(shown()).toBe("");
    expect(resyncs().at(-1)).toEqual({ type: "resync", seq: 4 });
    const message = {
      ...running.messages[0],
      parts: [{ kind: "text", part: "1", text: "all", done: false }],
    };
    const whole = { ...running, messages: [message] } as Transcript;
    model.emit(6, [{ op: "snapshot", transcript: whole }]);
    model.emit(7, [text("!")]);
    expect(shown()).toBe("all!");
  });

  it("asks again after a second while the gap stays open, not at every message", () => {
    vi.advanceTimersByTime(1500);
    for (let seq = 6; seq < 26; seq += 1) model.emit(seq, [text("x")]);
    expect(resyncs()).toHaveLength(2);
    vi.advanceTimersByTime(1100);
    model.emit(26, [text("x")]);
    expect(resyncs()).toHaveLength(3);
  });

  it("asks about a gap that shows right after the first question, without another message", () => {
    model.emit(6, [text("x")]);
    expect(resyncs()).toHaveLength(1);
    vi.advanceTimersByTime(1100);
    expect(resyncs()).toHaveLength(2);
  });

  it("asks after three silent seconds of a run, and not when nothing runs", () => {
    vi.advanceTimersByTime(3100);
    expect(resyncs()).toHaveLength(2);
    open(EMPTY);
    vi.advanceTimersByTime(60_000);
    expect(resyncs()).toHaveLength(1);
  });

  it("asks for everything when a message cannot be read", () => {
    const complaint = vi.spyOn(console, "error").mockImplementation(() => {});
    vi.advanceTimersByTime(1500);
    model.emitRaw({ v: 9 });
    expect(resyncs()).toHaveLength(2);
    expect(complaint).toHaveBeenCalledOnce();
    complaint.mockRestore();
  });

  it("puts buffers where the message says", () => {
    const png = new DataView(new ArrayBuffer(8));
    const bundle = { data: { "image/png": { buffer: 0 }, "text/plain": "x" }, metadata: {} };
    model.emit(
      5,
      [
        { op: "call", message: "a", part: "c", tool_call_id: "t", name: "f" },
        { op: "result", tool_call_id: "t", bundle, text: "", error: null },
        { op: "output", tool_call_id: "t", output: { kind: "display", bundle } },
      ],
      [png],
    );
    const call = store.transcript.calls.t;
    expect(call?.bundle?.data["image/png"]).toBe(png);
    expect(call?.outputs[0]).toMatchObject({ bundle: { data: { "text/plain": "x" } } });
  });

  it("sends commands as they are", () => {
    store.ask("hello");
    expect(model.sent.at(-1)).toEqual({ type: "ask", text: "hello" });
    expect(store.pending).toBe("hello");
    model.emit(5, [{ op: "message_start", id: "u", role: "user", created: 1 }]);
    expect(store.pending).toBeNull();
  });

  it("leaves no listener and no timer behind", () => {
    model.emit(5, [text("a")]);
    lifetime.abort();
    expect(model.listeners()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("store", () => {
  it("tells its views once a frame, however many ops came", () => {
    const seen = vi.fn();
    vi.advanceTimersByTime(300);
    store.subscribe(seen);
    for (let seq = 5; seq < 55; seq += 1) model.emit(seq, [text("x")]);
    vi.advanceTimersByTime(300);
    expect(seen).toHaveBeenCalledOnce();
  });

  it("tells them in a hidden tab too, where no frames come", () => {
    vi.advanceTimersByTime(300);
    const frames = vi.spyOn(window, "requestAnimationFrame").mockImplementation(() => 1);
    const seen = vi.fn();
    store.subscribe(seen);
    model.emit(5, [text("x")]);
    vi.advanceTimersByTime(300);
    expect(seen).toHaveBeenCalledOnce();
    frames.mockRestore();
  });
});
