/** Colours of code are asked for while a question is written, and not when one was sent at once. */
import { expect, it } from "vitest";
import { setHighlighterLoader } from "../../src/markdown/highlight";
import { mounted } from "../mounted";

const page = mounted();
const asked = () => page.model.sent.filter(({ type }) => type === "asset");
const pause = async () => {
  for (let times = 0; times < 3; times += 1) await page.frames();
};

it("come while the person writes", async () => {
  setHighlighterLoader(null);
  await pause();
  expect(asked()).toEqual([]);
  await page.fill("Message", "Plot it");
  await pause();
  await page.fill("Message", "Plot it, please");
  await pause();
  expect(asked()).toEqual([{ type: "asset", name: "highlight" }]);
});

it("do not stand in the way of a question that is on its way", async () => {
  setHighlighterLoader(null);
  await page.fill("Message", "Plot it");
  await page.press("Message", { key: "Enter" });
  await pause();
  expect(page.model.sent.some(({ type }) => type === "ask")).toBe(true);
  expect(asked()).toEqual([]);
});
