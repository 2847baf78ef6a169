/** Long talks: the newest first, the rest in idle time, and a step that looks at one group only. */
import { options, type VNode } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import createWidget from "../../src/index";
import type { Message } from "../../src/views";
import type { Op } from "../../src/wire";
import { FakeModel } from "../fake-model";

let lifetime: AbortController;

beforeEach(() => {
  vi.useFakeTimers();
  lifetime = new AbortController();
});
afterEach(() => {
  lifetime.abort();
  vi.useRealTimers();
});

function said(number: number): Message {
  return {
    id: `m${number}`,
    role: number % 2 ? "assistant" : "user",
    state: "done",
    parts: [{ kind: "text", part: "1", text: `Words ${number}.`, done: true }],
    error: null,
    created: number,
    usage: null,
  };
}

/** A widget with so many messages, as it is when it was just mounted. */
async function mounted(count: number): Promise<{ model: FakeModel; el: HTMLElement }> {
  const model = new FakeModel();
  const messages = Array.from({ length: count }, (_, number) => said(number));
  model.snapshot = {
    v: 1,
    seq: 1,
    transcript: { status: "idle", model: "test", always: [], messages, calls: {} },
  };
  const el = document.createElement("div");
  document.body.replaceChildren(el);
  const widget = createWidget();
  widget.initialize({ model, signal: lifetime.signal });
  await act(() => {
    widget.render({ model, el, signal: lifetime.signal });
  });
  return { model, el };
}

const texts = (el: HTMLElement) =>
  [...el.querySelectorAll('[data-nbagent="message"]')].map(
    (message) => /\d+/.exec(message.textContent ?? "")?.[0],
  );

const numbers = (from: number, end: number) =>
  Array.from({ length: end - from }, (_, index) => String(from + index));

async function idle(): Promise<void> {
  await act(() => {
    vi.advanceTimersByTime(5000);
  });
}

async function emit(model: FakeModel, seq: number, ops: Op[]): Promise<void> {
  await act(() => {
    model.emit(seq, ops);
    vi.advanceTimersByTime(250);
  });
}

/** How many elements `work` made the view look at. */
async function looked(work: () => Promise<void>): Promise<number> {
  let count = 0;
  const before = options.diffed;
  options.diffed = (vnode: VNode) => {
    if (typeof vnode.type === "string") count += 1;
    before?.(vnode);
  };
  await work();
  if (before) options.diffed = before;
  else delete options.diffed;
  return count;
}

describe("a long talk", () => {
  it("is drawn from its end, and is there as a whole after a while", async () => {
    const { el } = await mounted(203);
    const first = texts(el);
    expect(first.length).toBeLessThan(20);
    expect(first).toEqual(numbers(203 - first.length, 203));
    await idle();
    expect(texts(el)).toEqual(numbers(0, 203));
    expect(el.querySelectorAll(".nbagent-group > div:not([class])").length).toBe(0);
  });

  it("is drawn at once where it is short", async () => {
    const { el } = await mounted(6);
    expect(texts(el)).toEqual(numbers(0, 6));
  });

  it("takes in what is said meanwhile", async () => {
    const { model, el } = await mounted(60);
    await emit(model, 2, [{ op: "message_start", id: "new", role: "assistant", created: 61 }]);
    await emit(model, 3, [{ op: "text", message: "new", part: "1", text: "Words 60." }]);
    expect(texts(el).at(-1)).toBe("60");
    await idle();
    expect(texts(el)).toEqual(numbers(0, 61));
  });

  it("costs no more than a short one when words come", async () => {
    const counts = [];
    for (const count of [7, 207]) {
      const { model } = await mounted(count);
      await idle();
      await emit(model, 2, [{ op: "message_start", id: "new", role: "assistant", created: 1 }]);
      await emit(model, 3, [{ op: "text", message: "new", part: "1", text: "Words" }]);
      counts.push(
        await looked(() =>
          emit(model, 4, [{ op: "text", message: "new", part: "1", text: " more" }]),
        ),
      );
      lifetime.abort();
      lifetime = new AbortController();
    }
    expect(counts[1]).toBe(counts[0]);
    expect(counts[0]).toBeGreaterThan(0);
  });
});
