/** The view: the selectors and names that outside tests rely on, and what the person can do. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import createWidget from "../../src/index";
import type { CallState } from "../../src/views";
import type { Op } from "../../src/wire";
import { FakeModel } from "../fake-model";

let model: FakeModel;
let el: HTMLElement;
let lifetime: AbortController;
let seq: number;

/** Lets a few frames pass. */
function frames(): Promise<void> {
  return act(() => {
    vi.advanceTimersByTime(250);
  });
}

async function emit(ops: Op[], buffers: unknown[] = []): Promise<void> {
  seq += 1;
  model.emit(seq, ops, buffers);
  await frames();
}

beforeEach(async () => {
  vi.useFakeTimers();
  model = new FakeModel();
  model.snapshot = {
    v: 1,
    seq: 0,
    transcript: { status: "idle", model: "test", messages: [], calls: {} },
  };
  seq = 0;
  el = document.createElement("div");
  document.body.replaceChildren(el);
  lifetime = new AbortController();
  const widget = createWidget();
  widget.initialize({ model, signal: lifetime.signal });
  await act(() => {
    widget.render({ model, el, signal: lifetime.signal });
  });
});
afterEach(() => {
  lifetime.abort();
  vi.useRealTimers();
});

const find = (selector: string) => el.querySelector<HTMLElement>(selector);
const named = (name: string) => find(`[data-nbagent="${name}"]`);
function button(name: string): HTMLButtonElement | undefined {
  return [...el.querySelectorAll("button")].find(
    (candidate) => (candidate.getAttribute("aria-label") ?? candidate.textContent) === name,
  );
}
const composer = () => find('textarea[aria-label="Message"]') as HTMLTextAreaElement;
async function type(text: string): Promise<void> {
  composer().value = text;
  await act(() => {
    composer().dispatchEvent(new Event("input", { bubbles: true }));
  });
}
const press = (init: KeyboardEventInit) =>
  act(() => {
    composer().dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
  });
const click = (target: HTMLElement | undefined) => act(() => target?.click());

const START: Op[] = [
  { op: "status", status: "running", model: "test" },
  { op: "message_start", id: "u", role: "user", created: 1 },
  { op: "text", message: "u", part: "1", text: "What is <b>it</b>?" },
  { op: "message_start", id: "a", role: "assistant", created: 2 },
];
const call = (state: CallState, text = '{"column": "mpg"}'): Op[] => [
  { op: "call", message: "a", part: "c", tool_call_id: "t", name: "summary" },
  { op: "arguments_set", tool_call_id: "t", text },
  { op: "call_state", tool_call_id: "t", state, started: null, elapsed: null },
];

describe("messages", () => {
  it("shows the status at the root", async () => {
    expect(named("chat")?.dataset.status).toBe("idle");
    await emit(START);
    expect(named("chat")?.dataset.status).toBe("running");
  });

  it("shows the person's words as they were typed", async () => {
    await emit(START);
    const message = find('[data-nbagent="message"][data-role="user"]');
    expect(message?.querySelector('[data-nbagent="text"]')?.textContent).toBe("What is <b>it</b>?");
  });

  it("renders an answer's Markdown as it grows and keeps closed blocks' elements", async () => {
    await emit([...START, { op: "text", message: "a", part: "1", text: "First **part**\n\nsec" }]);
    const text = find('[data-role="assistant"] [data-nbagent="text"]');
    const paragraph = text?.querySelector("p");
    expect(text?.textContent?.replace(/\s+/g, " ").trim()).toBe("First part sec");
    await emit([{ op: "text", message: "a", part: "1", text: "ond\n\nthird" }]);
    expect(text?.querySelector("p")).toBe(paragraph);
    expect(text?.querySelectorAll("p")).toHaveLength(3);
  });

  it("never runs what a model wrote", async () => {
    const text = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <script>alert(1)</script>";
    await emit([...START, { op: "text", message: "a", part: "1", text }]);
    await emit([{ op: "message_end", id: "a", state: "done", usage: null, error: null }]);
    expect(find("img, script, [onerror], [href]")).toBeNull();
  });

  it("shows an error with its hint, and offers Retry on the last message", async () => {
    const error = { type: "RateLimited", message: "slow down", traceback: "tb", hint: "wait" };
    await emit([
      ...START,
      { op: "message_end", id: "a", state: "failed", usage: null, error },
      { op: "status", status: "idle", model: "test" },
    ]);
    expect(named("error")?.textContent).toContain("RateLimited");
    expect(named("error")?.textContent).toContain("wait");
    await click(button("Retry"));
    expect(model.sent.at(-1)).toEqual({ type: "retry" });
  });

  it("folds reasoning away until it is asked for", async () => {
    await emit([
      ...START,
      { op: "reasoning", message: "a", part: "r", text: "hmm", summary: false },
    ]);
    const reasoning = named("reasoning");
    expect(reasoning?.textContent).not.toContain("hmm");
    await click(reasoning?.querySelector("button") ?? undefined);
    await frames();
    expect(named("reasoning")?.textContent).toContain("hmm");
  });
});

describe("tool cards", () => {
  it.each<CallState>([
    "streaming",
    "queued",
    "awaiting-approval",
    "running",
    "done",
    "failed",
    "denied",
    "cancelled",
    "interrupted",
  ])("shows the state %s with its arguments", async (state) => {
    await emit([...START, ...call(state)]);
    const card = named("tool-card");
    expect(card?.dataset).toMatchObject({ toolCallId: "t", toolName: "summary", state });
    expect(card?.querySelector("button[aria-expanded='true']")).not.toBeNull();
    expect(named("arguments")?.textContent).toContain("mpg");
  });

  it("shows arguments while they are still being written", async () => {
    await emit([...START, ...call("streaming", '{"column": "mp')]);
    expect(named("arguments")?.textContent).toBe("columnmp");
  });

  it("shows a table in a shadow root, without a click", async () => {
    const html = "<table><tr><td onclick='alert(1)'>23.45</td></tr></table>";
    const bundle = { data: { "text/html": html, "text/plain": "23.45" }, metadata: {} };
    await emit([
      ...START,
      ...call("done"),
      { op: "result", tool_call_id: "t", bundle, text: "x", error: null },
    ]);
    const hosts = [...(named("result")?.querySelectorAll("*") ?? [])];
    const root = hosts.find((element) => element.shadowRoot)?.shadowRoot;
    expect(root?.querySelector("td")?.textContent).toBe("23.45");
    expect(root?.querySelector("[onclick]")).toBeNull();
  });

  it("shows HTML with a script in a frame without an origin", async () => {
    const html = "<p>23.45</p><script>alert(1)</script>";
    const bundle = { data: { "text/html": html, "text/plain": "23.45" }, metadata: {} };
    await emit([
      ...START,
      ...call("done"),
      { op: "result", tool_call_id: "t", bundle, text: "x", error: null },
    ]);
    const frame = named("frame") as HTMLIFrameElement;
    expect(frame.getAttribute("sandbox")).toBe("allow-scripts");
    expect(frame.getAttribute("srcdoc")).toContain("Content-Security-Policy");
    expect(find("script")).toBeNull();
  });

  it("takes over what the kernel rewrote, replaced and cleared", async () => {
    const printed = (text: string): Op => ({
      op: "output",
      tool_call_id: "t",
      output: { kind: "stream", name: "stdout", text },
    });
    await emit([...START, ...call("running"), printed("keep\n10%")]);
    await emit([{ op: "rewrite", tool_call_id: "t", first: 0, last: 1, text: "20%", hidden: 0 }]);
    expect(named("output")?.textContent).toBe("keep\n20%");
    await emit([{ op: "clear", tool_call_id: "t" }]);
    expect(named("output")).toBeNull();
  });

  it("leaves out the blank line of a progress bar that has gone", async () => {
    const output = { kind: "stream", name: "stderr", text: "outer: 100%\n        " } as const;
    await emit([...START, ...call("running"), { op: "output", tool_call_id: "t", output }]);
    expect(named("output")?.textContent).toBe("outer: 100%\n");
  });

  it("folds long output, and shows all of it on demand", async () => {
    const text = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");
    await emit([
      ...START,
      ...call("running"),
      { op: "output", tool_call_id: "t", output: { kind: "stream", name: "stdout", text } },
    ]);
    expect(named("output")?.textContent).not.toContain("line 199\n");
    await click(button("Show all 300 lines"));
    expect(named("output")?.textContent).toContain("line 0\n");
  });

  it("shows an image from its bytes and gives its address back at the end", async () => {
    const made = vi.fn(() => "blob:x");
    const revoked = vi.fn();
    URL.createObjectURL = made;
    URL.revokeObjectURL = revoked;
    const bundle = { data: { "image/png": { buffer: 0 } }, metadata: {} };
    await emit(
      [
        ...START,
        ...call("done"),
        { op: "result", tool_call_id: "t", bundle, text: "", error: null },
      ],
      [new DataView(new ArrayBuffer(4))],
    );
    expect(named("result")?.querySelector("img")?.getAttribute("src")).toBe("blob:x");
    lifetime.abort();
    await frames();
    expect(revoked).toHaveBeenCalledWith("blob:x");
  });

  it("shows output, carriage returns applied, and the traceback without its escapes", async () => {
    const error = {
      type: "KeyError",
      message: "'mpgg'",
      traceback: "\x1b[31mred\x1b[0m",
      hint: "",
    };
    await emit([
      ...START,
      ...call("failed"),
      {
        op: "output",
        tool_call_id: "t",
        output: { kind: "stream", name: "stdout", text: "10%\r50%\rdone\n" },
      },
      { op: "result", tool_call_id: "t", bundle: null, text: "", error },
    ]);
    expect(named("output")?.textContent).toBe("done\n");
    expect(named("result")?.textContent).toContain("KeyError");
    expect(find(".nbagent-ansi-red")?.textContent).toBe("red");
  });

  it("keeps a card as the person left it, whatever comes", async () => {
    await emit([...START, ...call("running")]);
    await click(named("tool-card")?.querySelector("button") ?? undefined);
    await frames();
    await emit(call("done"));
    expect(find("button[aria-expanded='false']")).not.toBeNull();
    expect(named("arguments")).toBeNull();
    expect(named("tool-card")?.textContent).toContain("column: mpg");
  });
});

describe("approval", () => {
  const asked = () =>
    emit([...START, ...call("awaiting-approval"), { op: "status", status: "waiting", model: "" }]);

  it.each([
    ["Approve", { type: "approve", tool_call_id: "t", arguments: null, always: false }],
    ["Always approve", { type: "approve", tool_call_id: "t", arguments: null, always: true }],
    ["Deny", { type: "deny", tool_call_id: "t", reason: "" }],
  ])("%s says so to the kernel, once", async (name, command) => {
    await asked();
    await click(button(name));
    await click(button(name));
    expect(model.sent.filter((sent) => sent.type === command.type)).toEqual([command]);
  });

  it("sends edited arguments, and only when they are JSON", async () => {
    await asked();
    await click(button("Edit"));
    const editor = find('textarea[aria-label="Arguments as JSON"]') as HTMLTextAreaElement;
    const edit = (text: string) => {
      editor.value = text;
      return act(() => {
        editor.dispatchEvent(new Event("input", { bubbles: true }));
      });
    };
    await edit('{"column"');
    expect(button("Approve")?.disabled).toBe(true);
    await edit('{"column": "weight"}');
    await click(button("Approve"));
    expect(model.sent.at(-1)).toMatchObject({ arguments: '{"column": "weight"}' });
  });

  it("stays open with the reason when the tool does not take the arguments", async () => {
    await asked();
    await click(button("Edit"));
    await click(button("Approve"));
    expect(button("Approve")?.disabled).toBe(true);
    await emit([
      { op: "arguments_set", tool_call_id: "t", text: '{"column": 3}' },
      {
        op: "call_state",
        tool_call_id: "t",
        state: "awaiting-approval",
        started: null,
        elapsed: null,
      },
      { op: "problem", tool_call_id: "t", text: "column: expected a text" },
    ]);
    expect(find('[role="alert"]')?.textContent).toBe("column: expected a text");
    expect(button("Approve")?.disabled).toBe(false);
  });
});

describe("always approved", () => {
  it("is shown by tool, and taken back by a click", async () => {
    await emit([{ op: "always", names: ["deletes"] }]);
    await click(button("Ask again before deletes"));
    expect(model.sent.at(-1)).toEqual({ type: "revoke", name: "deletes" });
    await emit([{ op: "always", names: [] }]);
    expect(named("always")).toBeNull();
  });
});

describe("composer", () => {
  it("sends with Enter and empties", async () => {
    await type("  hello ");
    await press({ key: "Enter" });
    expect(model.sent.at(-1)).toEqual({ type: "ask", text: "hello" });
    expect(composer().value).toBe("");
  });

  it.each([
    ["Shift+Enter", { key: "Enter", shiftKey: true }],
    ["Enter while a character is being composed", { key: "Enter", isComposing: true }],
  ])("does not send with %s", async (_name, init) => {
    await type("hello");
    await press(init);
    expect(model.sent.some((command) => command.type === "ask")).toBe(false);
  });

  it("offers Stop instead of Send while a run is on", async () => {
    await emit(START);
    expect(button("Send")).toBeUndefined();
    await click(button("Stop"));
    expect(model.sent.at(-1)).toEqual({ type: "stop" });
  });

  it("stops with Escape while a run is on, and only then", async () => {
    await press({ key: "Escape" });
    expect(model.sent.some((command) => command.type === "stop")).toBe(false);
    await emit(START);
    await press({ key: "Escape" });
    expect(model.sent.at(-1)).toEqual({ type: "stop" });
  });

  it("gives the focus back to the notebook with Shift+Escape, and stops nothing", async () => {
    document.body.tabIndex = -1;
    await emit(START);
    composer().focus();
    await press({ key: "Escape", shiftKey: true });
    expect(document.activeElement).toBe(document.body);
    expect(model.sent.some((command) => command.type === "stop")).toBe(false);
    document.body.removeAttribute("tabindex");
  });

  it("lets no key reach the notebook", async () => {
    const seen = vi.fn();
    document.body.addEventListener("keydown", seen, { signal: lifetime.signal });
    await press({ key: "a" });
    expect(seen).not.toHaveBeenCalled();
    expect(named("chat")?.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
  });
});

describe("lifetimes", () => {
  it("shows the same transcript and toggles in several views, and ends them apart", async () => {
    const other = document.createElement("div");
    const second = new AbortController();
    const widget = createWidget();
    const shared = new FakeModel();
    widget.initialize({ model: shared });
    await act(() => {
      widget.render({ model: shared, el: other });
      widget.render({ model: shared, el, signal: second.signal });
    });
    shared.emit(1, START);
    await frames();
    expect(other.querySelectorAll('[data-nbagent="message"]')).toHaveLength(2);
    second.abort();
    expect(other.querySelector('[data-nbagent="chat"]')).not.toBeNull();
  });

  it("leaves nothing behind after 100 mounts", async () => {
    for (let i = 0; i < 100; i += 1) {
      const widget = createWidget();
      const used = new FakeModel();
      const end = widget.initialize({ model: used });
      const place = document.createElement("div");
      const unmount = widget.render({ model: used, el: place });
      unmount();
      end();
      expect(place.childNodes).toHaveLength(0);
      expect(used.listeners()).toBe(0);
    }
  });
});
