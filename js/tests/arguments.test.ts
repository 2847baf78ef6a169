/** Arguments that are still being written can be read at every step. */
import { describe, expect, it } from "vitest";
import { readArguments, summarize } from "../src/arguments";

const names = (text: string) => readArguments(text, true)?.map((entry) => entry.name);

describe("readArguments", () => {
  it("reads every beginning of an object, and its names only grow", () => {
    const text =
      '{"column": "m\\"p\\u0067", "rows": [1, {"a": null}], "deep": {"x": true}, "n": -1.5e3}';
    let known = 0;
    for (let end = 0; end <= text.length; end += 1) {
      const entries = readArguments(text.slice(0, end), true);
      expect(entries, text.slice(0, end)).not.toBeNull();
      expect(entries?.length).toBeGreaterThanOrEqual(known);
      known = entries?.length ?? 0;
    }
    expect(names(text)).toEqual(["column", "rows", "deep", "n"]);
  });

  it("marks the value that is still growing", () => {
    expect(readArguments('{"a": 1, "b": "x', true)).toEqual([
      { name: "a", value: { kind: "literal", source: "1" }, whole: true },
      { name: "b", value: { kind: "text", text: "x" }, whole: false },
    ]);
  });

  it("gives null for what is no object", () => {
    expect(readArguments("nonsense", true)).toBeNull();
    expect(readArguments("[1]", true)).toBeNull();
    expect(readArguments('{"a": 1', false)).toBeNull();
  });
});

describe("summarize", () => {
  it("writes the arguments in one line", () => {
    expect(summarize('{"column": "a\\nb", "n": 2}')).toBe("column: a b, n: 2");
    expect(summarize("{broken")).toBe("{broken");
  });
});
