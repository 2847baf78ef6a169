/** The reducer: every op, and that what an op does not touch stays the same object. */
import { describe, expect, it } from "vitest";
import { callOf, EMPTY, reduce } from "../src/transcript";
import type { Transcript } from "../src/views";
import type { Op } from "../src/wire";

const run = (ops: Op[], from: Transcript = EMPTY) => ops.reduce(reduce, from);

const started = run([
  { op: "status", status: "running", model: "m" },
  { op: "message_start", id: "u", role: "user", created: 1 },
  { op: "message_start", id: "a", role: "assistant", created: 2 },
  { op: "call", message: "a", part: "c", tool_call_id: "t", name: "summ" },
]);

describe("reduce", () => {
  it("takes the status and the model", () => {
    expect(started.status).toBe("running");
    expect(started.model).toBe("m");
  });

  it("starts a user's message as done and an assistant's as streaming", () => {
    expect(started.messages.map((message) => message.state)).toEqual(["done", "streaming"]);
  });

  it("appends text to its part and makes a new part at the end", () => {
    const text = (part: string, value: string): Op => ({
      op: "text",
      message: "a",
      part,
      text: value,
    });
    const { messages } = run([text("1", "Hel"), text("1", "lo"), text("2", "more")], started);
    expect(messages[1]?.parts.slice(1)).toEqual([
      { kind: "text", part: "1", text: "Hello", done: false },
      { kind: "text", part: "2", text: "more", done: false },
    ]);
  });

  it("keeps reasoning and its summary apart, and marks the part done", () => {
    const reasoning = (text: string, summary: boolean): Op => ({
      op: "reasoning",
      message: "a",
      part: "r",
      text,
      summary,
    });
    const after = run(
      [
        reasoning("a", false),
        reasoning("b", true),
        reasoning("c", false),
        { op: "part_done", message: "a", part: "r" },
      ],
      started,
    );
    expect(after.messages[1]?.parts.at(-1)).toEqual({
      kind: "reasoning",
      part: "r",
      text: "ac",
      summary: "b",
      done: true,
    });
  });

  it("adds a call once and takes a later name", () => {
    const again: Op = { op: "call", message: "a", part: "c", tool_call_id: "t", name: "summary" };
    const after = run([again], started);
    expect(after.calls.t?.name).toBe("summary");
    expect(after.messages[1]?.parts).toHaveLength(1);
  });

  it("appends and replaces arguments", () => {
    const appended = run(
      [
        { op: "arguments", tool_call_id: "t", text: '{"a"' },
        { op: "arguments", tool_call_id: "t", text: ":1}" },
      ],
      started,
    );
    expect(appended.calls.t?.arguments).toBe('{"a":1}');
    const replaced = run([{ op: "arguments_set", tool_call_id: "t", text: "{}" }], appended);
    expect(replaced.calls.t?.arguments).toBe("{}");
  });

  it("follows a call's state, progress and result", () => {
    const bundle = { data: { "text/plain": "1" }, metadata: {} };
    const after = run(
      [
        { op: "call_state", tool_call_id: "t", state: "running", started: 5, elapsed: null },
        { op: "progress", tool_call_id: "t", fraction: 0.5, text: "half" },
        { op: "result", tool_call_id: "t", bundle, text: "1", error: null },
        { op: "call_state", tool_call_id: "t", state: "done", started: 5, elapsed: 0.1 },
      ],
      started,
    );
    expect(after.calls.t).toMatchObject({ state: "done", started: 5, elapsed: 0.1, bundle });
    expect(after.calls.t?.progress).toEqual({ fraction: 0.5, text: "half" });
  });

  it("joins outputs of the same stream that follow one another, and no others", () => {
    const stream = (name: "stdout" | "stderr", text: string): Op => ({
      op: "output",
      tool_call_id: "t",
      output: { kind: "stream", name, text },
    });
    const after = run(
      [stream("stdout", "a"), stream("stdout", "b"), stream("stderr", "c"), stream("stdout", "d")],
      started,
    );
    const texts = after.calls.t?.outputs.map((output) => output.kind === "stream" && output.text);
    expect(texts).toEqual(["ab", "c", "d"]);
  });

  it("adds notices and ends the message with usage and error", () => {
    const error = { type: "E", message: "m", traceback: "", hint: "" };
    const after = run(
      [
        { op: "notice", message: "a", part: "n", text: "retrying" },
        { op: "message_end", id: "a", state: "failed", usage: null, error },
      ],
      started,
    );
    expect(after.messages[1]).toMatchObject({ state: "failed", error });
    expect(after.messages[1]?.parts.at(-1)).toEqual({
      kind: "notice",
      part: "n",
      text: "retrying",
    });
  });

  it("empties the transcript on reset and replaces it by a snapshot", () => {
    const empty = run([{ op: "reset" }], started);
    expect(empty).toMatchObject({ messages: [], calls: {}, model: "m" });
    expect(run([{ op: "snapshot", transcript: started }], empty)).toBe(started);
  });

  it("leaves untouched messages and calls the same objects", () => {
    const after = run([{ op: "text", message: "a", part: "1", text: "x" }], started);
    expect(after.messages[0]).toBe(started.messages[0]);
    expect(after.calls).toBe(started.calls);
  });

  it("passes over messages and calls that it does not know", () => {
    expect(run([{ op: "text", message: "?", part: "1", text: "x" }], started)).toBe(started);
    expect(run([{ op: "arguments", tool_call_id: "?", text: "x" }], started)).toBe(started);
    expect(callOf(started, "constructor")).toBeUndefined();
  });

  it("takes 20,000 deltas, of which the last touches what the first did", () => {
    // What a delta does not touch stays the same object: the 20,000th copies no more than the first.
    const delta: Op = { op: "text", message: "a", part: "1", text: "word " };
    let state = started;
    for (let i = 0; i < 20_000; i += 1) {
      const next = reduce(state, delta);
      if (next.messages[0] !== state.messages[0] || next.calls !== state.calls) break;
      state = next;
    }
    expect(state.messages[1]?.parts.at(-1)).toMatchObject({ text: "word ".repeat(20_000) });
    expect(state.messages[1]?.parts).toHaveLength(2);
  });
});
