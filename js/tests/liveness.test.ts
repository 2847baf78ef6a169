/** A kernel that is away, back, busy or no more: what the page makes of each sign of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Store } from "../src/store";
import { EMPTY } from "../src/transcript";
import { connect } from "../src/transport";
import type { Transcript } from "../src/views";
import { FakeModel } from "./fake-model";

class FakeSignal {
  readonly slots = new Set<(sender: unknown, value: unknown) => void>();
  connect(slot: (sender: unknown, value: unknown) => void) {
    this.slots.add(slot);
  }
  disconnect(slot: (sender: unknown, value: unknown) => void) {
    this.slots.delete(slot);
  }
  emit(value: unknown) {
    for (const slot of this.slots) slot(this, value);
  }
}

class FakeKernel {
  status = "idle";
  readonly statusChanged = new FakeSignal();
  readonly connectionStatusChanged = new FakeSignal();
}

class HostedModel extends FakeModel {
  fails = false;
  constructor(readonly widget_manager?: unknown) {
    super();
  }
  override send(content: unknown): void {
    if (this.fails) throw new Error("Cannot send");
    super.send(content);
  }
}

const transcript: Transcript = {
  ...EMPTY,
  status: "running",
  messages: [
    {
      id: "a",
      role: "assistant",
      state: "streaming",
      parts: [{ kind: "call", part: "1", tool_call_id: "c" }],
      error: null,
      created: 1,
      usage: null,
    },
  ],
  calls: {
    c: {
      tool_call_id: "c",
      name: "f",
      arguments: "{}",
      state: "running",
      outputs: [],
      bundle: null,
      text: "",
      error: null,
      progress: null,
      problem: null,
      started: 1,
      elapsed: null,
    },
  },
};

let kernel: FakeKernel;
let model: HostedModel;
let store: Store;
let lifetime = new AbortController();

function open(shown: Transcript = { ...EMPTY }, manager: unknown = { kernel }): void {
  lifetime.abort();
  model = new HostedModel(manager);
  model.snapshot = { v: 1, seq: 4, transcript: shown };
  store = new Store();
  lifetime = new AbortController();
  connect(model, store, lifetime.signal);
  vi.advanceTimersByTime(1500);
  model.sent.length = 0;
}

const resyncs = () => model.sent.filter((command) => command.type === "resync").length;

beforeEach(() => {
  vi.useFakeTimers();
  kernel = new FakeKernel();
  open();
});
afterEach(() => {
  lifetime.abort();
  vi.useRealTimers();
});

describe("what may have been missed is asked for", () => {
  it("when the connection is there again", () => {
    kernel.connectionStatusChanged.emit("connecting");
    expect(resyncs()).toBe(0);
    kernel.connectionStatusChanged.emit("connected");
    expect(resyncs()).toBe(1);
  });

  it.each(["online", "pageshow", "focus"])("on %s", (name) => {
    window.dispatchEvent(new Event(name));
    expect(resyncs()).toBe(1);
  });

  it("when the tab is shown, not when it is hidden", () => {
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(resyncs()).toBe(0);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event("visibilitychange"));
    expect(resyncs()).toBe(1);
    hidden.mockRestore();
  });

  it("when the clock has jumped: the computer slept", () => {
    vi.advanceTimersByTime(20_000);
    expect(resyncs()).toBe(0);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(5000);
    expect(resyncs()).toBe(1);
  });
});

describe("a kernel that is no more", () => {
  it.each(["restarting", "autorestarting", "dead", "terminating"])("is told by %s", (status) => {
    open(transcript);
    store.ask("Lost?");
    store.enqueue("And this?");
    kernel.statusChanged.emit(status);
    expect(store.gone).toBe(true);
    expect(store.unsent).toEqual(["Lost?", "And this?"]);
    expect(store.transcript.status).toBe("idle");
    expect(store.transcript.messages[0]?.state).toBe("cancelled");
    expect(store.transcript.calls.c?.state).toBe("interrupted");
    model.sent.length = 0;
    store.send({ type: "stop" });
    store.ask("Anybody?");
    expect(model.sent).toEqual([]);
    expect(store.pending).toBeNull();
  });

  it("is not told by a busy one", () => {
    kernel.statusChanged.emit("busy");
    expect(store.gone).toBe(false);
  });

  it("is told by a host that refuses to send", () => {
    model.fails = true;
    store.ask("Lost?");
    expect(store.gone).toBe(true);
    expect(store.unsent).toEqual(["Lost?"]);
  });

  it("was only away if it says something after all", () => {
    open(transcript);
    kernel.statusChanged.emit("dead");
    model.emit(9, []);
    expect(store.gone).toBe(false);
    expect(resyncs()).toBe(1);
    model.emit(9, [{ op: "snapshot", transcript }]);
    expect(store.transcript.status).toBe("running");
  });
});

describe("a question that nothing comes back to", () => {
  it("is asked about, and given back by a kernel that is at rest and does not answer", () => {
    store.ask("Hello?");
    vi.advanceTimersByTime(4100);
    expect(resyncs()).toBe(1);
    expect(store.gone).toBe(false);
    vi.advanceTimersByTime(6000);
    expect(store.gone).toBe(true);
    expect(store.unsent).toEqual(["Hello?"]);
  });

  it("waits for a busy one, until anything is heard of it", () => {
    kernel.status = "busy";
    store.ask("Hello?");
    vi.advanceTimersByTime(10_500);
    expect([store.silent, store.gone, store.kernelStatus()]).toEqual([true, false, "busy"]);
    expect(store.pending).toBe("Hello?");
    model.emit(4, []);
    expect(store.silent).toBe(true);
    model.emitRaw({ v: 1, seq: 4, run: "", ops: [], heard: true });
    expect(store.silent).toBe(false);
  });

  it("is waited for also when the kernel's clock ticks, or answers to something older", () => {
    kernel.status = "busy";
    store.ask("Hello?");
    model.emitRaw({ v: 1, seq: 4, run: "", ops: [], heard: true });
    vi.advanceTimersByTime(1000);
    model.emit(4, []);
    vi.advanceTimersByTime(9500);
    expect(store.silent).toBe(true);
  });

  it("is doubted no more once it stands in the transcript", () => {
    store.ask("Hello?");
    model.emit(5, [{ op: "message_start", id: "q", role: "user", created: 1 }]);
    vi.advanceTimersByTime(60_000);
    expect([store.silent, store.gone, resyncs()]).toEqual([false, false, 0]);
  });

  it("can be taken back where nobody knows", () => {
    open({ ...EMPTY }, null);
    const given = vi.fn();
    store.drafts.take(given);
    store.ask("Hello?");
    vi.advanceTimersByTime(10_500);
    expect(store.silent).toBe(true);
    store.takeBack();
    expect(model.sent.at(-1)).toEqual({ type: "stop" });
    expect(given).toHaveBeenCalledWith({ text: "Hello?", files: [], problem: "" });
    expect([store.pending, store.silent]).toEqual([null, false]);
  });

  it("is not doubted as long as the kernel says that it hears us", () => {
    store.ask("Hello?");
    for (let asked = 1; asked < 6; asked += 1) {
      vi.advanceTimersByTime(4100);
      expect(resyncs()).toBe(asked);
      model.emitRaw({ v: 1, seq: 4, run: "", ops: [], heard: true });
    }
    expect([store.silent, store.gone]).toEqual([false, false]);
  });
});

it("listens no longer when the model is gone", () => {
  lifetime.abort();
  expect(kernel.statusChanged.slots.size + kernel.connectionStatusChanged.slots.size).toBe(0);
  window.dispatchEvent(new Event("online"));
  vi.advanceTimersByTime(60_000);
  expect(model.sent).toEqual([]);
});

describe("what a host saves with the notebook", () => {
  it("is the transcript as it is at rest, set in this page alone", () => {
    const set = vi.fn((_: string, value: unknown) => {
      model.snapshot = value;
      for (const told of model.callbacks.get("change:snapshot") ?? []) (told as () => void)();
    });
    Object.assign(model, { set });
    model.emit(5, [{ op: "status", status: "running", model: "m" }]);
    expect(set).not.toHaveBeenCalled();
    model.emit(6, [{ op: "status", status: "idle", model: "m" }]);
    expect(set).toHaveBeenCalledWith("snapshot", { v: 1, seq: 6, transcript: store.transcript });
    expect(store.transcript.model).toBe("m");
  });
});
