/** Questions of the model, runs inside of calls, edits, attachments, what is shown, the queue. */
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { bytes } from "../../src/view/attachments";
import { inWords } from "../../src/view/status";
import type { MessageState } from "../../src/views";
import type { Op } from "../../src/wire";
import { mounted } from "../mounted";

const page = mounted();
const { all, button, emit, field, fill, find, frames, named, press } = page;
async function click(target: HTMLElement | undefined): Promise<void> {
  await page.click(target);
  await frames();
}
async function key(label: string, name: string): Promise<void> {
  await press(label, { key: name });
  await frames();
}

const START: Op[] = [
  { op: "status", status: "running", model: "test" },
  { op: "message_start", id: "u", role: "user", created: 1 },
  { op: "text", message: "u", part: "1", text: "Which?" },
  { op: "message_start", id: "a", role: "assistant", created: 2 },
];
const end = (state: MessageState): Op[] => [
  { op: "message_end", id: "a", state, usage: null, error: null },
  { op: "status", status: "idle", model: "test" },
];
const call = (id: string, name: string, message = "a"): Op[] => [
  { op: "call", message, part: id, tool_call_id: id, name },
  { op: "call_state", tool_call_id: id, state: "running", started: null, elapsed: null },
];

describe("a question of the model", () => {
  const ask: Op[] = [
    ...START,
    ...call("t", "ask_user"),
    { op: "question", tool_call_id: "t", question: "Which **one**?", choices: ["mpg", "weight"] },
    { op: "status", status: "waiting", model: "test" },
  ];

  it("takes the focus from an empty composer, is answered once, and gives it back", async () => {
    field("Message").focus();
    await emit(ask);
    expect(document.activeElement).toBe(field("Answer"));
    expect(named("question")?.textContent).toContain("Which one?");
    expect(named("tool-card")?.querySelector("button")?.textContent).toContain("Asks you");
    await fill("Answer", " both ");
    const form = find<HTMLFormElement>("form");
    await act(() => form?.requestSubmit());
    await act(() => form?.requestSubmit());
    expect(page.model.sent.filter(({ type }) => type === "answer")).toEqual([
      { type: "answer", tool_call_id: "t", text: "both" },
    ]);
    expect(document.activeElement).toBe(field("Message"));
    await emit([{ op: "answered", tool_call_id: "t", text: "both" }]);
    expect(named("question")?.textContent).toContain("You answeredboth");
    expect(find('[aria-label="Answer"]')).toBeNull();
  });

  it("does not take the focus from someone who is writing", async () => {
    field("Message").focus();
    await fill("Message", "meanwhile");
    await emit(ask);
    expect(document.activeElement).toBe(field("Message"));
  });

  it("is answered by a choice, and is gone when the run is stopped", async () => {
    await emit(ask);
    await click(button("weight"));
    expect(page.model.sent.at(-1)).toEqual({ type: "answer", tool_call_id: "t", text: "weight" });
    await emit([
      { op: "call_state", tool_call_id: "t", state: "cancelled", started: null, elapsed: null },
      ...end("cancelled"),
    ]);
    expect(named("question")).toBeNull();
  });
});

describe("a run inside of a call", () => {
  const inside: Op[] = [
    ...START,
    ...call("c", "cars"),
    { op: "message_start", id: "n", parent: "c", role: "assistant", created: 3 },
    { op: "text", message: "n", part: "1", text: "Let me " },
    ...call("c/x", "mean", "n"),
  ];

  it("stands in its card, folded, and goes on while it streams", async () => {
    await emit(inside);
    const outer = find('[data-tool-call-id="c"]');
    const inner = outer?.querySelector<HTMLElement>('[data-tool-call-id="c/x"]');
    expect(inner?.querySelector("button")?.getAttribute("aria-expanded")).toBe("false");
    await emit([{ op: "text", message: "n", part: "1", text: "look" }]);
    expect(outer?.querySelector('[data-nbagent="nested-text"]')?.textContent).toContain("look");
    await click(inner?.querySelector("button") ?? undefined);
    expect(inner?.querySelector("button")?.getAttribute("aria-expanded")).toBe("true");
    expect(all('[data-nbagent="message"]')).toHaveLength(2);
  });

  it("opens a card inside that waits for a yes", async () => {
    const state = "awaiting-approval";
    await emit([
      ...inside,
      { op: "call_state", tool_call_id: "c/x", state, started: null, elapsed: null },
    ]);
    await click(button("Approve"));
    expect(page.model.sent.at(-1)).toMatchObject({ type: "approve", tool_call_id: "c/x" });
  });

  it("does not repeat its words as the call's result", async () => {
    const bundle = { data: { "text/markdown": "It is 23.5." }, metadata: {} };
    await emit([
      ...inside,
      { op: "result", tool_call_id: "c", bundle, text: "It is 23.5.", error: null },
      { op: "call_state", tool_call_id: "c", state: "done", started: null, elapsed: 1 },
    ]);
    expect(find("details")?.textContent).toContain("It is 23.5.");
    expect(find('[data-nbagent="result"] .nbagent-markdown')).toBeNull();
  });
});

describe("editing and asking again", () => {
  it("sends the new words for this message, and the cut takes away what came after", async () => {
    await emit([...START, ...end("done")]);
    await click(button("Edit question"));
    expect(field("Question").value).toBe("Which?");
    await fill("Question", "Which one?");
    await key("Question", "Enter");
    expect(page.model.sent.at(-1)).toEqual({ type: "edit", message: "u", text: "Which one?" });
    await emit([{ op: "cut", id: "u" }]);
    expect(all('[data-nbagent="message"]')).toHaveLength(0);
  });

  it("is given up with Escape, with the focus back on the pencil", async () => {
    await emit([...START, ...end("done")]);
    await click(button("Edit question"));
    await key("Question", "Escape");
    expect(find('[data-nbagent="editor"]')).toBeNull();
    expect(document.activeElement).toBe(button("Edit question"));
    expect(page.model.sent.some(({ type }) => type === "edit")).toBe(false);
  });

  it("waits for the run that goes on, and says so, with the words kept", async () => {
    await emit(START);
    await click(button("Edit question"));
    await fill("Question", "Which one?");
    expect(button("Ask again")?.getAttribute("aria-disabled")).toBe("true");
    expect(find('[data-nbagent="editor"]')?.textContent).toContain("when this run is done");
    await click(button("Ask again"));
    expect(page.model.sent.some(({ type }) => type === "edit")).toBe(false);
    await emit(end("done"));
    expect(field("Question").value).toBe("Which one?");
    expect(button("Ask again")?.getAttribute("aria-disabled")).toBe("false");
    await click(button("Ask again"));
    expect(page.model.sent.at(-1)).toEqual({ type: "edit", message: "u", text: "Which one?" });
  });

  it("offers to ask again under the last answer only, when no run is on", async () => {
    await emit(START);
    expect(button("Ask again")).toBeUndefined();
    await emit(end("done"));
    await click(button("Ask again"));
    expect(page.model.sent.at(-1)).toEqual({ type: "retry" });
  });
});

describe("attachments", () => {
  it("are a thumbnail, or a chip with name and size", async () => {
    URL.createObjectURL = () => "blob:x";
    URL.revokeObjectURL = () => {};
    const image = { data: { "image/png": { buffer: 0 } }, metadata: {} };
    const part = { message: "u", media_type: "image/png", size: 4 };
    await emit(
      [
        ...START,
        { op: "attachment", part: "2", name: "image", bundle: image, ...part },
        { op: "attachment", ...part, part: "3", name: "cars.csv", size: 12_400, bundle: null },
      ],
      [new DataView(new ArrayBuffer(4))],
    );
    const shown = all('[data-nbagent="attachment"]');
    expect(shown[0]?.querySelector("img")?.getAttribute("src")).toBe("blob:x");
    expect(shown[1]?.textContent).toBe("cars.csv12 KB");
  });

  it("have sizes for people", () => {
    expect([840, 12_400, 999_600, 1_400_000].map(bytes)).toEqual([
      "840 B",
      "12 KB",
      "1.0 MB",
      "1.4 MB",
    ]);
  });
});

describe("above the composer", () => {
  it("stands what the agent sees, each with the way to hide it", async () => {
    await emit([{ op: "shown", chips: [{ name: "df", summary: "DataFrame, 398 rows" }] }]);
    expect(named("shown")?.querySelector("[title]")?.getAttribute("title")).toContain("398 rows");
    await click(button("Hide df"));
    expect(page.model.sent.at(-1)).toEqual({ type: "hide", name: "df" });
    await emit([{ op: "shown", chips: [] }]);
    expect(named("shown")).toBeNull();
  });

  it("says what was used, and leaves out what is nothing or not known", async () => {
    await emit([{ op: "about", tools: 3, tokens: 1234, cost: 0.0021 }]);
    expect(named("status")?.textContent).toContain("3 tools · 1,234 tokens · $0.0021");
    expect(inWords({ tools: 1, tokens: 0, cost: null })).toBe("1 tool");
    expect(inWords({ tools: 0, tokens: 5, cost: 1.5 })).toBe("5 tokens · $1.50");
  });
});

describe("the queue", () => {
  const asked = () => page.model.sent.filter(({ type }) => type === "ask");
  async function queue(text: string): Promise<void> {
    await fill("Message", text);
    await key("Message", "Enter");
  }

  it("keeps what is written during a run, and sends one after each run that is done", async () => {
    await emit(START);
    await queue("one");
    await queue("two");
    await queue("three");
    expect(asked()).toEqual([]);
    await click(button("Take back: two"));
    await emit(end("done"));
    expect(asked()).toEqual([{ type: "ask", text: "one" }]);
    expect(named("queue")?.textContent).toContain("three");
    expect(named("queue")?.textContent).not.toContain("two");
  });

  it("waits after a run that was stopped, until Enter", async () => {
    await emit(START);
    await queue("one");
    await emit(end("cancelled"));
    expect(asked()).toEqual([]);
    await key("Message", "Enter");
    expect(asked()).toEqual([{ type: "ask", text: "one" }]);
    expect(named("queue")).toBeNull();
  });
});
