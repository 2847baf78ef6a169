/** Colours of code are asked for while a question is written, and not when one was sent at once. */
import { expect, it, vi } from "vitest";
import { setHighlighterLoader } from "../../src/markdown/highlight";
import { mounted } from "../mounted";

const page = mounted();
const asked = () => page.model.sent.filter(({ type }) => type === "asset");
const pause = async () => {
  for (let times = 0; times < 3; times += 1) await page.frames();
};

it("come while the person writes", async () => {
  const made = vi.spyOn(document, "createElement");
  const rehearsed = () => made.mock.calls.some(([name]) => name === "table");
  setHighlighterLoader(null);
  await pause();
  expect(asked()).toEqual([]);
  expect(rehearsed()).toBe(false);
  await page.fill("Message", "Plot it");
  await pause();
  await page.fill("Message", "Plot it, please");
  await pause();
  expect(asked()).toEqual([{ type: "asset", name: "highlight" }]);
  expect(rehearsed()).toBe(true);
  made.mockRestore();
});

it("do not stand in the way of a question that is on its way", async () => {
  setHighlighterLoader(null);
  await page.fill("Message", "Plot it");
  await page.press("Message", { key: "Enter" });
  await pause();
  expect(page.model.sent.some(({ type }) => type === "ask")).toBe(true);
  expect(asked()).toEqual([]);
});

it("come with a rehearsal of what draws a reply, once and outside of the page", async () => {
  const made = vi.spyOn(document, "createElement");
  const tables = () => made.mock.calls.filter(([name]) => name === "table").length;
  vi.resetModules();
  const { rehearse } = await import("../../src/markdown/rehearsal");
  let pieces = 3;
  const hasTime = () => {
    pieces -= 1;
    return pieces > 0;
  };
  rehearse(hasTime);
  expect(tables()).toBe(3);
  rehearse(() => true);
  expect(tables()).toBe(3);
  expect(document.querySelector("table")).toBeNull();
  made.mockRestore();
});
