/** JSON as it is written: the same values as JSON.parse's, exact numbers, and every beginning. */
import { describe, expect, it, vi } from "vitest";
import { compactJson, prettyJson, tidyJson } from "../src/json-print";
import { type Json, readGrowing, readJson } from "../src/json-reader";

function plain(value: Json): unknown {
  switch (value.kind) {
    case "text":
      return value.text;
    case "literal":
      return JSON.parse(value.source);
    case "list":
      return value.items.map(plain);
    case "object":
      return Object.fromEntries([...value.entries].map(([name, item]) => [name, plain(item)]));
  }
}

const GOOD = [
  '{"a": "x\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00", "b": [1, -0, 1.5e-3, 2E+5, true, false, null]}',
  ' \n{ "a" : { } , "b" : [ ] , "" : [ [ ] ] }\t',
  '"text"',
  "-12.5e3",
  "null",
  '{"a": 1, "a": 2}',
  '"\\ud800"',
  '{"__proto__": 1, "constructor": 2}',
];
const BAD = [
  "",
  "nonsense",
  "{a: 1}",
  "[1,]",
  '{"a": 1,}',
  '{"a" 1}',
  "01",
  "1.",
  "+1",
  '"a\nb"',
  '"\\x41"',
  "tru e",
  "[1 2]",
  "{} {}",
  "NaN",
  "[1}",
];

describe("readJson", () => {
  it.each(GOOD)("reads what JSON.parse reads: %s", (text) => {
    const value = readJson(text);
    expect(value && JSON.stringify(plain(value))).toBe(JSON.stringify(JSON.parse(text)));
  });

  it.each(BAD)("takes nothing else: %j", (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(readJson(text)).toBeNull();
  });

  it("keeps the digits of numbers", () => {
    const value = readJson('{"id": 12345678901234567890, "x": 1.0}') as Json;
    expect(compactJson(value)).toBe('{"id": 12345678901234567890, "x": 1.0}');
  });

  it("gives up on what is deeper than anyone reads", () => {
    expect(readJson("[".repeat(100_000))).toBeNull();
  });
});

describe("readGrowing", () => {
  it.each(GOOD)("reads every beginning, and no text is ever taken back: %s", (text) => {
    let known = "";
    for (let end = 1; end <= text.length; end += 1) {
      const read = readGrowing(text.slice(0, end));
      if (read === null) continue;
      const now = JSON.stringify(plain(read.value));
      expect(now.length, text.slice(0, end)).toBeGreaterThanOrEqual(known.length - 2);
      known = now;
    }
    expect(readGrowing(text)?.whole).toBe(true);
  });

  it.each([
    ['{"a": 1, "b', '{"a":1}'],
    ['{"a": 1, "b": ', '{"a":1}'],
    ['{"a": -', "{}"],
    ['{"a": 1.', '{"a":1}'],
    ['{"a": 1e', '{"a":1}'],
    ['{"a": fal', "{}"],
    ['{"a": "x\\', '{"a":"x"}'],
    ['{"a": "x\\u00', '{"a":"x"}'],
    ['{"a": "x\\ud83d', '{"a":"x"}'],
    ['{"a": [1, {"b": "c', '{"a":[1,{"b":"c"}]}'],
  ])("%s", (text, expected) => {
    const read = readGrowing(text);
    expect(read?.whole).toBe(false);
    expect(read && JSON.stringify(plain(read.value))).toBe(expected);
  });

  it("reads ten times the code with quotes in it in ten times the steps", () => {
    const steps = (lines: number) => {
      const code = 'print("a \\"b\\" c")\n'.repeat(lines);
      const text = JSON.stringify({ code }).slice(0, -2);
      const exec = vi.spyOn(RegExp.prototype, "exec");
      const parse = vi.spyOn(JSON, "parse");
      const read = readGrowing(text);
      const counts = [exec.mock.calls.length, parse.mock.calls.length];
      vi.restoreAllMocks();
      expect(read && plain(read.value)).toEqual({ code });
      return counts as [number, number];
    };
    const [few, parsed] = steps(600);
    expect(few).toBeGreaterThan(600);
    const [many, parsedThen] = steps(6000);
    expect(many).toBeLessThanOrEqual(10 * few);
    expect(parsedThen).toBe(parsed);
  });
});

describe("prettyJson", () => {
  it("folds what is too long for a line", () => {
    const value = readJson('{"a": [1, 2], "b": {"c": "d"}}') as Json;
    expect(prettyJson(value)).toBe('{"a": [1, 2], "b": {"c": "d"}}');
    expect(prettyJson(value, 20)).toBe('{\n  "a": [1, 2],\n  "b": {"c": "d"}\n}');
    expect(prettyJson(value, 0)).toBe(
      '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {\n    "c": "d"\n  }\n}',
    );
    expect(tidyJson("{broken")).toBe("{broken");
  });
});
