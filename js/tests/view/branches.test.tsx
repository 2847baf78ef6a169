/** The versions of a question, and a view whose kernel is no more. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import createWidget from "../../src/index";
import type { Op } from "../../src/wire";
import { FakeModel } from "../fake-model";

let model: FakeModel;
let el: HTMLElement;
let lifetime: AbortController;
let seq: number;

const frames = () =>
  act(() => {
    vi.advanceTimersByTime(250);
  });

async function emit(ops: Op[]): Promise<void> {
  seq += 1;
  model.emit(seq, ops);
  await frames();
}

beforeEach(async () => {
  vi.useFakeTimers();
  model = new FakeModel();
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

const turn = (id: string, text: string, index: number, count: number): Op[] => [
  { op: "message_start", id, role: "user", created: 1 },
  { op: "text", message: id, part: "1", text },
  { op: "versions", id, index, count },
  { op: "message_start", id: `${id}a`, role: "assistant", created: 1 },
  { op: "message_end", id: `${id}a`, state: "done", usage: null, error: null },
];
const button = (name: string) => el.querySelector<HTMLElement>(`button[aria-label="${name}"]`);
const line = () => el.querySelector('[data-nbagent="branches"]');

it("asks for the version, and the button keeps the focus over the switch", async () => {
  await emit(turn("u", "Second?", 1, 3));
  expect(line()?.textContent).toContain("2 / 3");
  expect(line()?.getAttribute("aria-label")).toBe("Version 2 of 3");
  button("Next version")?.focus();
  await act(() => button("Next version")?.click());
  expect(model.sent.at(-1)).toEqual({ type: "branch", message: "u", version: 2 });
  await emit([{ op: "cut", id: "u" }, ...turn("v", "Third?", 2, 3)]);
  expect(line()?.textContent).toContain("3 / 3");
  // There is no next one: the focus is on the way back.
  expect(document.activeElement).toBe(button("Previous version"));
});

it("does not move the focus of somebody who did not press", async () => {
  await emit(turn("u", "Second?", 1, 2));
  const composer = el.querySelector("textarea");
  composer?.focus();
  await emit([{ op: "cut", id: "u" }, ...turn("v", "First?", 0, 2)]);
  expect(document.activeElement).toBe(composer);
});

it("shows no line where there is one version", async () => {
  await emit([{ op: "message_start", id: "u", role: "user", created: 1 }]);
  expect(line()).toBeNull();
});

it("says what became of the kernel when the host cuts the view off", async () => {
  await emit(turn("u", "Second?", 1, 2));
  el.querySelector("textarea")?.focus();
  el.classList.add("jupyter-widgets-disconnected");
  await act(() => Promise.resolve());
  await frames();
  const said = el.querySelector('[data-nbagent="earlier"]');
  expect(said?.textContent).toContain("This transcript is from an earlier kernel.");
  expect(el.querySelector("fieldset")?.disabled).toBe(true);
  expect(el.querySelector('[data-nbagent="chat"]')?.getAttribute("data-live")).toBe("false");
});
