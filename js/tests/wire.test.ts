/** The guard, and the fixtures that the Python side writes: both sides reduce them alike. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EMPTY, reduce } from "../src/transcript";
import type { Transcript } from "../src/views";
import { parseMessage, parseSnapshot, WireError } from "../src/wire";

const FIXTURES = new URL("../../tests/fixtures/wire/", `file://${import.meta.dirname}/`);

interface Fixture {
  name: string;
  messages: unknown[];
  transcript: Transcript;
}

const files = readdirSync(FIXTURES).filter((name) => name.endsWith(".json"));
const fixtures = files.map(
  (name) => JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8")) as Fixture,
);

describe("wire fixtures", () => {
  it("are there", () => {
    expect(fixtures.length).toBeGreaterThan(0);
  });

  it.each(fixtures)(
    "$name: its messages give exactly its transcript",
    ({ messages, transcript }) => {
      const ops = messages.flatMap((message) => parseMessage(message).ops);
      expect(ops.reduce(reduce, EMPTY)).toEqual(transcript);
    },
  );
});

describe("parseMessage", () => {
  const message = (ops: unknown[], extra = {}) => ({ v: 1, seq: 1, run: "r", ops, ...extra });

  it("takes a well-formed message and a tick", () => {
    expect(parseMessage(message([{ op: "reset" }])).ops).toEqual([{ op: "reset" }]);
    expect(parseMessage(message([])).ops).toEqual([]);
  });

  it("leaves out ops that a newer kernel may send", () => {
    expect(parseMessage(message([{ op: "sparkle" }, { op: "reset" }])).ops).toEqual([
      { op: "reset" },
    ]);
    expect(parseMessage(message([{ op: "constructor" }])).ops).toEqual([]);
  });

  it.each([
    ["another version", message([], { v: 2 })],
    ["no seq", message([], { seq: "1" })],
    ["no ops", { v: 1, seq: 1 }],
    ["nothing", null],
    ["an op that is no object", message([7])],
    ["text that is no string", message([{ op: "text", message: "a", part: "1", text: 7 }])],
    ["a broken output", message([{ op: "output", tool_call_id: "t", output: { kind: "x" } }])],
    ["a broken snapshot", message([{ op: "snapshot", transcript: {} }])],
  ])("refuses %s", (_what, content) => {
    expect(() => parseMessage(content)).toThrow(WireError);
  });

  it("reads a snapshot trait, or none", () => {
    expect(parseSnapshot({ v: 1, seq: 3, transcript: EMPTY })?.seq).toBe(3);
    expect(parseSnapshot({})).toBeNull();
    expect(parseSnapshot(null)).toBeNull();
  });
});
