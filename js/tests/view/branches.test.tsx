/** The versions of a question, and a view whose kernel is no more. */
import { act } from "preact/test-utils";
import { expect, it } from "vitest";
import type { Op } from "../../src/wire";
import { mounted } from "../mounted";

const page = mounted();
const { button, click, emit, find, frames, named } = page;

const turn = (id: string, text: string, index: number, count: number): Op[] => [
  { op: "message_start", id, role: "user", created: 1 },
  { op: "text", message: id, part: "1", text },
  { op: "versions", id, index, count },
  { op: "message_start", id: `${id}a`, role: "assistant", created: 1 },
  { op: "message_end", id: `${id}a`, state: "done", usage: null, error: null },
];
const line = () => named("branches");

it("asks for the version, and the button keeps the focus over the switch", async () => {
  await emit(turn("u", "Second?", 1, 3));
  expect(line()?.textContent).toContain("2 / 3");
  expect(line()?.getAttribute("aria-label")).toBe("Version 2 of 3");
  button("Next version")?.focus();
  await click(button("Next version"));
  expect(page.model.sent.at(-1)).toEqual({ type: "branch", message: "u", version: 2 });
  await emit([{ op: "cut", id: "u" }, ...turn("v", "Third?", 2, 3)]);
  expect(line()?.textContent).toContain("3 / 3");
  // There is no next one: the focus is on the way back.
  expect(document.activeElement).toBe(button("Previous version"));
});

it("does not move the focus of somebody who did not press", async () => {
  await emit(turn("u", "Second?", 1, 2));
  const composer = find("textarea");
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
  find("textarea")?.focus();
  page.el.classList.add("jupyter-widgets-disconnected");
  await act(() => Promise.resolve());
  await frames();
  const said = named("earlier");
  expect(said?.textContent).toContain("This transcript is from an earlier kernel.");
  expect(find<HTMLFieldSetElement>("fieldset")?.disabled).toBe(true);
  expect(named("chat")?.getAttribute("data-live")).toBe("false");
});
