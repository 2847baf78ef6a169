/** The composer: commands that are typed, what is recalled, and keys that belong to others. */
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import { questionsOf } from "../../src/view/recall";
import { matching, matchingModels, parseSlash } from "../../src/view/slash-commands";
import type { Offers, Transcript } from "../../src/views";
import { mounted } from "../mounted";

const OFFERS: Offers = {
  commands: [{ name: "summarise", description: "Summarise {}", takes: "needed" }],
  tools: [],
  suggestions: ["What is new?"],
  models: ["openai:a", "groq:b"],
  images: true,
  files: true,
};
const empty: Transcript = {
  status: "idle",
  model: "openai:a",
  always: [],
  messages: [],
  calls: {},
  offers: OFFERS,
};

describe("what is a command", () => {
  it("begins with a slash and a name; a path does not", () => {
    expect(parseSlash("/")).toEqual({ name: "", words: "", closed: false });
    expect(parseSlash("/Mod")).toEqual({ name: "mod", words: "", closed: false });
    expect(parseSlash("/sum  a\nb")).toEqual({ name: "sum", words: "a\nb", closed: true });
    for (const text of ["", "/home/me", "/ a", "a /b", "//", "/1", " /sum"]) {
      expect(parseSlash(text)).toBeNull();
    }
  });

  it("is found by its beginning first, then by what is in it; what can do nothing is left out", () => {
    const names = (typed: string, transcript = empty) =>
      matching(transcript, typed).map(({ name }) => name);
    expect(names("")).toEqual(["summarise", "model", "tools", "help"]);
    expect(names("m")).toEqual(["model", "summarise"]);
    expect(names("", { ...empty, status: "running" })).toContain("stop");
    expect(names("stop")).toEqual(["stop"]);
    const { offers: _, ...bare } = empty;
    expect(names("", bare)).toEqual(["help"]);
  });

  it("lists the model in use first, and each once", () => {
    expect(matchingModels(empty, "")).toEqual(["openai:a", "groq:b"]);
    expect(matchingModels(empty, " GROQ")).toEqual(["groq:b"]);
  });
});

const page = mounted(empty);
const { all, button, click, emit, field, fill, find, frames, named } = page;
const area = () => field("Message");
async function type(text: string): Promise<void> {
  await fill("Message", text);
  await frames();
}
async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  await act(() => {
    const init = { bubbles: true, cancelable: true, key, ...more };
    (document.activeElement ?? area()).dispatchEvent(new KeyboardEvent("keydown", init));
  });
  await frames();
}
const options = () => all('[role="option"]');
const sent = (kind: string) => page.model.sent.filter(({ type }) => type === kind);

describe("typing a command", () => {
  it("is described to people who hear the page", async () => {
    area().focus();
    await type("/");
    const list = find('[role="listbox"]');
    expect(area().getAttribute("aria-controls")).toBe(list?.id);
    await press("ArrowDown");
    const active = area().getAttribute("aria-activedescendant");
    expect(options()[1]?.id).toBe(active);
    expect(options()[1]?.getAttribute("aria-selected")).toBe("true");
    await press("Escape");
    expect(area().hasAttribute("aria-activedescendant")).toBe(false);
  });

  it("leaves the keys of an input method alone", async () => {
    area().focus();
    await type("/");
    await press("Enter", { isComposing: true });
    await press("ArrowDown", { isComposing: true });
    expect(area().value).toBe("/");
    expect(options()[0]?.getAttribute("aria-selected")).toBe("true");
  });

  it("queues the person's own during a run", async () => {
    area().focus();
    await emit([{ op: "status", status: "running", model: "openai:a" }]);
    await type("/summarise df");
    await press("Enter");
    expect(sent("use")).toEqual([]);
    expect(named("queue")?.textContent).toContain("/summarise df");
    await emit([
      { op: "message_start", id: "a", role: "assistant", created: 1 },
      { op: "message_end", id: "a", state: "done", usage: null, error: null },
      { op: "status", status: "idle", model: "openai:a" },
    ]);
    await act(async () => {
      await vi.advanceTimersByTimeAsync(50);
    });
    expect(sent("use")).toMatchObject([{ name: "summarise", text: "df" }]);
  });

  it("says why a built-in can do nothing", async () => {
    area().focus();
    await type("/retry");
    await press("Enter");
    expect(named("note")?.textContent).toContain("is empty");
    expect(sent("retry")).toEqual([]);
  });
});

describe("the buttons", () => {
  it("say why they wait, and offer the queue during a run", async () => {
    expect(button("Send")?.title).toBe("Write a question first");
    await emit([{ op: "status", status: "running", model: "openai:a" }]);
    expect(button("Queue")).toBeUndefined();
    await type("Next?");
    await click(button("Queue"));
    await frames();
    expect(named("queue")?.textContent).toContain("Next?");
    expect(area().value).toBe("");
  });

  it("are not there for files where nobody takes them", async () => {
    expect(button("Attach files")).toBeDefined();
    const { offers: _, ...bare } = empty;
    await emit([{ op: "snapshot", transcript: bare }]);
    expect(button("Attach files")).toBeUndefined();
  });
});

it("recalls each question once, the last time it was asked", () => {
  const asked = (id: string, text: string): Transcript["messages"][number] => ({
    id,
    role: "user",
    state: "done",
    parts: [{ kind: "text", part: "1", text, done: true }],
    error: null,
    created: 1,
    usage: null,
  });
  const messages = [asked("1", "a"), asked("2", "b"), asked("3", "a"), asked("4", "")];
  expect(questionsOf({ ...empty, messages })).toEqual(["b", "a"]);
});
