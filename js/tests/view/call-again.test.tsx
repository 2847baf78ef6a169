/** Retry in a tool card: when it is offered, what it sends, and where the focus goes. */
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import type { CallState } from "../../src/views";
import type { Op } from "../../src/wire";
import { mounted } from "../mounted";

const page = mounted();
const { button, click, emit, find, all, frames } = page;

const offers = (...names: string[]): Op => ({
  op: "offers",
  commands: [],
  tools: names.map((name) => ({ name, description: "" })),
  suggestions: [],
  models: [],
  images: false,
  files: false,
});
const status = (status: "idle" | "running"): Op => ({ op: "status", status, model: "m" });
const call = (id: string, state: CallState, name = "mean"): Op[] => [
  { op: "call", message: "a", part: id, tool_call_id: id, name },
  { op: "arguments_set", tool_call_id: id, text: "{}" },
  { op: "call_state", tool_call_id: id, state, started: null, elapsed: null },
];
const asked: Op[] = [
  { op: "message_start", id: "u", role: "user", created: 1 },
  { op: "text", message: "u", part: "1", text: "What?" },
  { op: "message_start", id: "a", role: "assistant", created: 1 },
];
const ended: Op[] = [
  { op: "message_end", id: "a", state: "done", usage: null, error: null },
  status("idle"),
];
const card = (id: string) => find(`[data-tool-call-id="${id}"]`) as HTMLElement;
const retry = (id: string) =>
  [...card(id).querySelectorAll("button")].find(({ textContent }) => textContent === "Retry");
const commands = () => page.model.sent.filter(({ type }) => type === "call_again");
/** The answer once more up to its second call, which is another one. */
const again = (id: string): Op[] => [
  { op: "cut", id: "u" },
  status("running"),
  ...asked,
  ...call("one", "done"),
  ...call(id, "queued"),
];

async function shown(state: CallState = "failed"): Promise<void> {
  await emit([offers("mean"), ...asked, ...call("one", "done"), ...call("two", state), ...ended]);
}

it.each<CallState>(["failed", "denied", "cancelled", "interrupted"])(
  "is offered on a call that is %s",
  async (state) => {
    await shown(state);
    expect(retry("two")?.getAttribute("aria-disabled")).toBe("false");
    expect(retry("one")).toBeUndefined();
  },
);

it("is in the menu of a call that is done", async () => {
  await shown();
  await click(card("one").querySelector<HTMLElement>('[aria-label="More for mean"]') ?? undefined);
  const items = all("[role=menuitem]");
  expect(items.at(-1)?.textContent).toBe("Retry");
  await click(items.at(-1));
  expect(commands()).toMatchObject([{ tool_call_id: "one" }]);
});

it("is sent once, and the card that comes in its place has the focus", async () => {
  await shown();
  retry("two")?.focus();
  await click(retry("two"));
  await click(retry("two"));
  expect(commands()).toEqual([{ type: "call_again", tool_call_id: "two", id: expect.any(String) }]);
  await frames();
  expect(find("[role=status]")?.textContent).toContain("Retrying mean");
  await emit(again("three"));
  const header = card("three").querySelector("button[aria-expanded]");
  expect(document.activeElement).toBe(header);
});

it("leaves the focus of somebody who did not press", async () => {
  await shown();
  find("textarea")?.focus();
  await emit(again("three"));
  expect(document.activeElement).toBe(find("textarea"));
});

it("does nothing while a run goes on", async () => {
  await shown();
  await emit([status("running")]);
  expect(retry("two")?.getAttribute("aria-disabled")).toBe("true");
  await click(retry("two"));
  await click(card("two").querySelector<HTMLElement>('[aria-label="More for mean"]') ?? undefined);
  expect(all("[role=menuitem]").map(({ textContent }) => textContent)).not.toContain("Retry");
  expect(commands()).toEqual([]);
});

it("is not offered where the tool is no more, nor in the card of another call", async () => {
  await shown();
  await emit([offers("other")]);
  expect(retry("two")).toBeUndefined();
  await emit([
    offers("mean"),
    { op: "message_start", id: "n", role: "assistant", created: 1, parent: "two" },
    { op: "call", message: "n", part: "1", tool_call_id: "two/in", name: "mean" },
    {
      op: "call_state",
      tool_call_id: "two/in",
      state: "failed",
      started: null,
      elapsed: null,
    },
  ]);
  expect(card("two/in").querySelectorAll('[data-nbagent="card-actions"]')).toHaveLength(0);
  expect(retry("two")).toBeDefined();
});

it("can be pressed again when nothing has come of it", async () => {
  await shown();
  await click(retry("two"));
  await click(retry("two"));
  expect(commands()).toHaveLength(1);
  await act(async () => {
    await vi.advanceTimersByTimeAsync(11_000);
  });
  await click(retry("two"));
  expect(commands()).toHaveLength(2);
});

it("says why it was refused, and can be pressed again", async () => {
  await shown();
  await click(retry("two"));
  const [sent] = commands() as unknown as { id: string }[];
  await act(() => {
    page.model.emitRaw({ v: 1, answer: sent?.id, ok: false, text: "Not now.", asked: false });
  });
  await frames();
  expect(page.el.textContent).toContain("Not now.");
  await click(retry("two"));
  expect(commands()).toHaveLength(2);
  expect(button("Send")).toBeDefined();
});
