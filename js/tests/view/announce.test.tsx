import { describe, expect, it, vi } from "vitest";
import { EMPTY, reduce } from "../../src/transcript";
import { describeChange } from "../../src/view/announce";
import { Speaker } from "../../src/view/speaker";
import type { Transcript } from "../../src/views";
import type { Op } from "../../src/wire";

const START: Op = { op: "message_start", id: "m", role: "assistant", created: 1 };
const text = (words: string): Op => ({ op: "text", message: "m", part: "0", text: words });
const call = (key: string): Op => ({
  op: "call",
  message: "m",
  part: `c${key}`,
  tool_call_id: key,
  name: "fit",
});
const state = (key: string, value: "awaiting-approval" | "running" | "done"): Op => ({
  op: "call_state",
  tool_call_id: key,
  state: value,
  started: null,
  elapsed: null,
});
const end = (how: "done" | "failed" | "cancelled"): Op => ({
  op: "message_end",
  id: "m",
  state: how,
  usage: null,
  error:
    how === "failed" ? { type: "Broken", message: "it is", traceback: "", hint: "mend it" } : null,
});

/** All that is said while the messages arrive, one list of ops after the other. */
function heard(...messages: Op[][]): string[] {
  let now: Transcript = EMPTY;
  return messages.flatMap((ops) => {
    const before = now;
    now = ops.reduce(reduce, before);
    return describeChange(before, now).map((saying) => saying.text);
  });
}

describe("what is announced", () => {
  it("is each sentence once, when it is finished, and the end", () => {
    const pieces = ["It is ", "3.5. And", " more. Th", "e end"].map((words) => [text(words)]);
    expect(heard([START], ...pieces, [end("done")])).toEqual([
      "It is 3.5.",
      "And more.",
      "The end",
      "Done",
    ]);
  });

  it("is not a transcript that was there before", () => {
    const asked: Op[] = ["a", "b"].map((id) => ({ ...START, id, role: "user" }) as Op);
    const before = [...asked, START, text("Said long ago."), end("done")].reduce(reduce, EMPTY);
    expect(describeChange(EMPTY, before)).toEqual([]);
  });

  it("of a conversation that was loaded is only what needs somebody", () => {
    const asked: Op[] = ["a", "b"].map((id) => ({ ...START, id, role: "user" }) as Op);
    const calls = [call("1"), state("1", "done"), call("2"), state("2", "awaiting-approval")];
    const after = [...asked, START, ...calls].reduce(reduce, EMPTY);
    const said = describeChange(EMPTY, after).map((saying) => saying.text);
    expect(said).toEqual(["fit needs your approval"]);
  });

  it("is a reply that came in one piece, too", () => {
    expect(heard([START, text("Yes."), end("done")])).toEqual(["Yes.", "Done"]);
  });

  it("names calls, and what needs the person", () => {
    expect(
      heard(
        [START],
        [call("a")],
        [state("a", "awaiting-approval")],
        [state("a", "running")],
        [state("a", "done")],
      ),
    ).toEqual(["fit needs your approval", "fit: Running", "fit: Done"]);
  });

  it("says a question once", () => {
    const ask: Op = { op: "question", tool_call_id: "a", question: "Which **one**?", choices: [] };
    expect(heard([START, call("a")], [ask], [state("a", "running")])).toEqual([
      "The agent asks: Which one?",
      "fit: Running",
    ]);
  });

  it("says how a run ended", () => {
    expect(heard([START], [end("failed")])).toEqual(["Broken: it is: mend it"]);
    expect(heard([START], [end("cancelled")])).toEqual(["Stopped"]);
  });

  it("is no more than one listens to", () => {
    const many = Array.from({ length: 400 }, () => [text("A whole sentence. ")]);
    const said = heard([START], ...many, [end("done")]);
    expect(said.join(" ").length).toBeLessThan(1400);
    expect(said.at(-1)).toBe("The answer is complete; its rest is in the conversation");
  });
});

describe("the speaker", () => {
  it("gathers what comes at once, and keeps a pace", () => {
    vi.useFakeTimers();
    const lifetime = new AbortController();
    const speaker = new Speaker();
    let changes = 0;
    speaker.start(() => {
      changes += 1;
    }, lifetime.signal);
    for (let at = 0; at < 100; at += 1) {
      speaker.say(`word ${at}.`);
      vi.advanceTimersByTime(100);
    }
    expect(changes).toBeLessThan(9);
    expect(speaker.said.length).toBeLessThanOrEqual(4);
    lifetime.abort();
    vi.useRealTimers();
  });

  it("sums up many calls", () => {
    vi.useFakeTimers();
    const speaker = new Speaker();
    speaker.start(() => {}, new AbortController().signal);
    for (let at = 0; at < 7; at += 1) speaker.say({ text: `fit ${at}: Done`, call: "Done" });
    speaker.say("drop needs your approval");
    vi.advanceTimersByTime(2000);
    expect(speaker.said.map(({ text }) => text)).toEqual([
      "7 tools: Done\ndrop needs your approval",
    ]);
    vi.useRealTimers();
  });
});
