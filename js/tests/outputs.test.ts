/** Outputs as ops change them; what both languages must agree on stands in the wire fixtures. */
import { describe, expect, it } from "vitest";
import { appendOutput, rewrite, update } from "../src/outputs";
import type { Output } from "../src/views";
import type { Op } from "../src/wire";

const stream = (text: string): Output => ({ kind: "stream", name: "stdout", text });
const change = (first: number, last: number, text: string) =>
  ({ op: "rewrite", tool_call_id: "t", first, last, text, hidden: 0 }) as Extract<
    Op,
    { op: "rewrite" }
  >;
const textAfter = (text: string, op: ReturnType<typeof change>) => {
  const [output] = rewrite([stream(text)], op);
  return output?.kind === "stream" ? output.text : null;
};

describe("rewrite", () => {
  it.each([
    ["a\nb", change(0, 1, "c"), "a\nc"],
    ["a\nb\n", change(0, 1, "c"), "a\nb\nc"],
    ["a\nb\n", change(0, 2, "c"), "a\nc"],
    ["\n\n", change(0, 3, "x"), "x"],
    ["\na", change(0, 2, ""), ""],
    ["a\nb", change(0, 9, "new"), "new"],
    ["a\nb\nc", change(1, 0, "d"), "b\ncd"],
    ["a\nb\nc", change(2, 1, "x\ny"), "x\ny"],
    ["a\nb", change(7, 0, ""), ""],
    ["", change(0, 1, "x"), "x"],
  ])("%j changed by %j is %j", (text, op, expected) => {
    expect(textAfter(text, op)).toBe(expected);
  });

  it("leaves a display as it is", () => {
    const display: Output = { kind: "display", bundle: { data: {}, metadata: {} } };
    expect(rewrite([display], change(0, 1, "x"))).toEqual([display]);
  });
});

describe("append and update", () => {
  it("joins text of the same stream only", () => {
    const outputs = appendOutput(appendOutput([], stream("a")), stream("b"));
    expect(outputs).toEqual([stream("ab")]);
    expect(appendOutput(outputs, { kind: "stream", name: "stderr", text: "c" })).toHaveLength(2);
  });

  it("replaces every display of that id and keeps the identity of the others", () => {
    const old = { data: { "text/plain": "old" }, metadata: {} };
    const shown: Output[] = [
      { kind: "display", bundle: old, display_id: "d" },
      { kind: "display", bundle: old },
    ];
    const made = update(shown, "d", { data: { "text/plain": "new" }, metadata: {} });
    expect(made[0]).toMatchObject({ bundle: { data: { "text/plain": "new" } } });
    expect(made[1]).toBe(shown[1]);
  });
});
