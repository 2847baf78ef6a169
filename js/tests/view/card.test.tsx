/** Tool cards: what can be done with a call, what failed, calls side by side, a tool's own card. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import createWidget from "../../src/index";
import type { ErrorView } from "../../src/views";
import type { Op } from "../../src/wire";
import { FakeModel } from "../fake-model";

let model: FakeModel;
let widget: ReturnType<typeof createWidget>;
let lifetime: AbortController;
let seq: number;
let inserted: [number, { source: string }][];

const pass = (time: number) =>
  act(() => {
    vi.advanceTimersByTime(time);
  });
const frames = () => pass(250);
const put = async (...ops: Op[]) => {
  seq += 1;
  model.emit(seq, ops);
  await frames();
};

/** A notebook of three cells; the widget is shown by the second. */
function notebook() {
  const cells = [{}, {}, {}];
  const insertCell = (index: number, cell: { source: string }) => {
    inserted.push([index, cell]);
  };
  return { model: { readOnly: false, sharedModel: { cells, insertCell } } };
}

async function show(context?: unknown): Promise<HTMLElement> {
  document.body.innerHTML =
    '<div><div class="jp-Cell" data-windowed-list-index="0"></div>' +
    '<div class="jp-Cell" data-windowed-list-index="1"></div></div>';
  model = new FakeModel();
  const manager = { get_model: async () => null, create_view: async () => null, context };
  Object.assign(model, { widget_manager: manager });
  model.snapshot = {
    v: 1,
    seq: 0,
    transcript: { status: "idle", model: "test", always: [], messages: [], calls: {} },
  };
  seq = 0;
  widget = createWidget();
  widget.initialize({ model, signal: lifetime.signal });
  return view();
}

async function view(): Promise<HTMLElement> {
  const el = document.createElement("div");
  document.querySelectorAll(".jp-Cell")[1]?.append(el);
  await act(() => {
    widget.render({ model, el, signal: lifetime.signal });
  });
  return el;
}

beforeEach(() => {
  vi.useFakeTimers();
  lifetime = new AbortController();
  inserted = [];
});
afterEach(() => {
  lifetime.abort();
  vi.useRealTimers();
});

const START: Op[] = [
  { op: "status", status: "running", model: "test" },
  { op: "message_start", id: "a", role: "assistant", created: 2 },
];
const call = (id: string, text: string, beside?: string): Op[] => [
  {
    op: "call",
    message: "a",
    part: id,
    tool_call_id: id,
    name: "summary",
    ...(beside && { beside }),
  },
  { op: "arguments_set", tool_call_id: id, text },
];
const state = (id: string, name: "running" | "done" | "failed" | "streaming"): Op => ({
  op: "call_state",
  tool_call_id: id,
  state: name,
  started: null,
  elapsed: name === "done" ? 0.5 : null,
});
const all = <T extends HTMLElement>(el: Element, selector: string) => [
  ...el.querySelectorAll<T>(selector),
];
const labelled = (el: Element, name: string) =>
  all(el, "button").find((each) => (each.ariaLabel ?? each.textContent) === name);
const press = (target: Element | null | undefined, key: string) =>
  act(() => {
    target?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  });
const click = (target: HTMLElement | undefined) => act(() => target?.click());

describe("the menu of a call", () => {
  it("copies the call as Python and as JSON, and inserts it below the cell", async () => {
    const el = await show(notebook());
    const written: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (t: string) => written.push(t) } });
    await put(...START, ...call("t", '{"column": "mpg", "n": 1.0}'), state("t", "done"));
    for (const name of ["Copy as Python call", "Copy as JSON", "Insert as cell"]) {
      await click(labelled(el, "More for summary"));
      await click(labelled(el, name));
    }
    await frames();
    vi.unstubAllGlobals();
    expect(written).toEqual([
      'summary(column="mpg", n=1.0)',
      '{\n  "column": "mpg",\n  "n": 1.0\n}',
    ]);
    expect(inserted).toMatchObject([
      [2, { cell_type: "code", source: 'summary(column="mpg", n=1.0)' }],
    ]);
    expect(el.querySelector("[role=menu]")).toBeNull();
    expect(document.activeElement?.getAttribute("aria-label")).toBe("More for summary");
  });

  it("is gone through by arrows, and Escape closes it without stopping the run", async () => {
    const el = await show(notebook());
    await put(...START, ...call("t", "{}"), state("t", "running"));
    await click(labelled(el, "More for summary"));
    const items = all(el, "[role=menuitem]");
    const menu = el.querySelector("[role=menu]");
    expect(document.activeElement).toBe(items[0]);
    await press(menu, "ArrowDown");
    expect(document.activeElement).toBe(items[1]);
    await press(menu, "End");
    expect(document.activeElement).toBe(items.at(-1));
    await press(menu, "ArrowDown");
    expect(document.activeElement).toBe(items[0]);
    await press(menu, "Escape");
    expect(el.querySelector("[role=menu]")).toBeNull();
    expect(model.sent.some(({ type }) => type === "stop")).toBe(false);
  });

  it("has no cell to insert where the host has no notebook", async () => {
    const el = await show();
    await put(...START, ...call("t", "{}"), state("t", "done"));
    await click(labelled(el, "More for summary"));
    expect(all(el, "[role=menuitem]").map((item) => item.textContent)).toEqual([
      "Copy as Python call",
      "Copy as JSON",
    ]);
    await put({ op: "text", message: "a", part: "1", text: "```python\nx\n```\n" });
    expect(labelled(el, "Insert as a new cell")).toBeUndefined();
  });

  it("is not there while the arguments are being written, and copies broken ones as they are", async () => {
    const el = await show();
    await put(...START, ...call("t", "{broken"), state("t", "streaming"));
    expect(labelled(el, "More for summary")).toBeUndefined();
    await put(state("t", "failed"));
    await click(labelled(el, "More for summary"));
    expect(all(el, "[role=menuitem]").map((item) => item.textContent)).toEqual([
      "Copy the arguments",
    ]);
  });
});

describe("code of an answer", () => {
  it("is inserted where it is Python, or may be", async () => {
    const el = await show(notebook());
    const text = "```python\na = 1\n```\n\n```\nb = 2\n```\n\n```sql\nselect 1\n```\n";
    await put(...START, { op: "text", message: "a", part: "1", text });
    const buttons = all(el, '[aria-label="Insert as a new cell"]');
    expect(buttons).toHaveLength(2);
    await click(buttons[1]);
    expect(inserted).toMatchObject([[2, { source: "b = 2" }]]);
  });
});

const ERROR: ErrorView = {
  type: "ValueError",
  message: "no",
  traceback:
    "Traceback (most recent call last):\n  Cell In[3], line 4, in f\n    g(```)\nValueError: no",
  hint: "",
};

describe("a call that failed", () => {
  const failed = (error: ErrorView): Op[] => [
    ...START,
    ...call("t", '{"column": "mpg"}'),
    { op: "result", tool_call_id: "t", bundle: null, text: "ValueError: no", error },
    state("t", "failed"),
  ];

  it("is shown to the model as a question, in a fence that nothing closes", async () => {
    const el = await show();
    await put(...failed(ERROR), { op: "status", status: "idle", model: "test" });
    await click(labelled(el, "Show to the model"));
    const [asked] = model.sent.filter(({ type }) => type === "ask") as { text: string }[];
    expect(asked?.text).toContain('```python\nsummary(column="mpg")\n```');
    expect(asked?.text).toContain("````text\nTraceback (most recent call last):");
    expect(asked?.text).toContain("ValueError: no\n````\n\nWhat went wrong?");
    await frames();
    expect((labelled(el, "Shown to the model") as HTMLButtonElement).disabled).toBe(true);
  });

  it("is shown to the model after the run that goes on", async () => {
    const el = await show();
    await put(...failed(ERROR));
    await click(labelled(el, "Show to the model"));
    expect(model.sent.some(({ type }) => type === "ask")).toBe(false);
    await put(
      { op: "message_end", id: "a", state: "done", usage: null, error: null },
      { op: "status", status: "idle", model: "test" },
    );
    expect(model.sent.filter(({ type }) => type === "ask")).toHaveLength(1);
  });

  it("names the place, and hides frames of libraries until they are asked for", async () => {
    const el = await show();
    const parts = [
      {
        text: "Traceback (most recent call last):\n  Cell In[3], line 4, in f\n    g()\n",
        library: "",
        frames: 0,
      },
      {
        text: '  File "/lib/json/x.py", line 1, in loads\n    boom()\n',
        library: "json",
        frames: 2,
      },
      { text: "ValueError: no\n", library: "", frames: 0 },
    ];
    await put(...failed({ ...ERROR, parts }));
    const trace = el.querySelector(".nbagent-error details");
    expect(trace?.querySelector("summary")?.textContent).toBe("TracebackCell In[3], line 4, in f");
    expect(trace?.textContent).toContain("2 frames of json hidden");
    expect(trace?.textContent).not.toContain("boom()");
    const folded = trace?.querySelector("details") as HTMLDetailsElement;
    folded.open = true;
    await act(() => {
      folded.dispatchEvent(new Event("toggle"));
    });
    expect(trace?.textContent).toContain("boom()");
    expect(trace?.querySelector('[data-line="error"]')?.textContent).toContain("ValueError");
  });
});

describe("calls of one step", () => {
  it("are summed up in words, and the first card stays the same element", async () => {
    const el = await show();
    await put(...START, ...call("one", "{}"), state("one", "running"));
    const [first] = all(el, '[data-nbagent="tool-card"]');
    expect(el.querySelector('[data-nbagent="calls"]')).toBeNull();
    await put(...call("two", "{}", "one"), ...call("three", "{}", "one"), state("two", "done"));
    expect(all(el, '[data-nbagent="tool-card"]')).toHaveLength(3);
    expect(all(el, '[data-nbagent="tool-card"]')[0]).toBe(first);
    expect(el.querySelector('[data-nbagent="calls"]')?.textContent).toBe(
      "3 tools at once1 writing arguments, 1 running, 1 done",
    );
    expect(el.querySelector("[role=group][aria-label='3 tools at once']")).not.toBeNull();
  });

  it("are apart from those of the next step", async () => {
    const el = await show();
    await put(...START, ...call("one", "{}"), ...call("two", "{}"), ...call("three", "{}", "two"));
    expect(
      all(el, ".nbagent-calls").map((group) => group.querySelectorAll(".nbagent-card").length),
    ).toEqual([1, 2]);
  });
});

describe("a tool's own card", () => {
  it("is drawn while the arguments stream, with these at hand", async () => {
    const el = await show();
    await put(...START, ...call("t", '{"city": "Ber'), state("t", "streaming"));
    const bundle = { data: { "text/plain": "Ber…" }, metadata: {} };
    await put({ op: "drawn", tool_call_id: "t", bundle, problem: "" });
    expect(el.querySelector('[data-nbagent="drawn"]')?.textContent).toBe("Ber…");
    expect(el.querySelector('details [data-nbagent="arguments"]')?.textContent).toBe("cityBer");
  });

  it("is the usual one where it failed, with a word", async () => {
    const el = await show();
    await put(...START, ...call("t", '{"city": "Berlin"}'), {
      op: "drawn",
      tool_call_id: "t",
      bundle: null,
      problem: "Shown as usual",
    });
    expect(el.querySelector('[data-nbagent="drawn"]')).toBeNull();
    expect(el.querySelector(".nbagent-card")?.textContent).toContain("Shown as usual");
    expect(el.querySelector('[data-nbagent="arguments"]')?.textContent).toBe("cityBerlin");
  });
});

describe("a card that changes", () => {
  it("keeps the elements of arguments that are whole", async () => {
    const el = await show();
    const text = JSON.stringify({ n: 12.5, list: [1, 2], name: "x", code: "a\nb\nc\n" });
    await put(...START, ...call("t", ""), state("t", "streaming"));
    const seen = new Map<string, Node[]>();
    for (let end = 1; end <= text.length; end += 1) {
      await put({ op: "arguments", tool_call_id: "t", text: text.slice(end - 1, end) });
      for (const entry of all(el, '[data-nbagent="arguments"] dl > div[data-whole="true"]')) {
        const name = entry.querySelector("dt")?.textContent ?? "";
        const nodes = [...(entry.querySelector("dd")?.childNodes ?? [])];
        const known = seen.get(name);
        if (known) expect(nodes, `${name} at ${end}`).toEqual(known);
        nodes.forEach((node, index) => {
          if (known) expect(node).toBe(known[index]);
        });
        seen.set(name, nodes);
      }
    }
    expect([...seen.keys()]).toEqual(["n", "list", "name", "code"]);
  });

  it("stays open or closed through streaming, in another view, and after a remount", async () => {
    const el = await show();
    await put(...START, ...call("t", '{"a": '), state("t", "streaming"));
    const isOpen = (of: Element) =>
      of.querySelector(".nbagent-card button[aria-expanded]")?.getAttribute("aria-expanded");
    await click(el.querySelector<HTMLElement>(".nbagent-card button[aria-expanded]") ?? undefined);
    await frames();
    expect(isOpen(el)).toBe("false");
    await put({ op: "arguments", tool_call_id: "t", text: "1}" }, state("t", "running"));
    await put(state("t", "done"));
    expect(isOpen(el)).toBe("false");
    expect(isOpen(await view())).toBe("false");
    await put({ op: "text", message: "a", part: "9", text: "Done." });
    expect(isOpen(el)).toBe("false");
  });

  it("counts its seconds without touching anything else", async () => {
    const el = await show();
    await put(...START, ...call("t", '{"a": 1}'), state("t", "running"));
    const changed: Node[] = [];
    const observer = new MutationObserver((records) => {
      for (const { target } of records) changed.push(target);
    });
    observer.observe(el, { subtree: true, childList: true, characterData: true, attributes: true });
    await pass(3000);
    for (const { target } of observer.takeRecords()) changed.push(target);
    observer.disconnect();
    expect(el.querySelector(".nbagent-card-time")?.textContent).toMatch(/[23] s$/);
    const outside = changed.filter(
      (node) =>
        !(node instanceof Element ? node : node.parentElement)?.closest(
          ".nbagent-card-state, [role=status]",
        ),
    );
    expect(outside).toEqual([]);
  });
});

describe("a long result", () => {
  it("is folded until all of it is asked for", async () => {
    const el = await show();
    const text = Array.from({ length: 1000 }, (_, line) => `line ${line}`).join("\n");
    const bundle = { data: { "text/plain": text }, metadata: {} };
    await put(...START, ...call("t", "{}"), state("t", "done"), {
      op: "result",
      tool_call_id: "t",
      bundle,
      text: "x",
      error: null,
    });
    const result = el.querySelector('[data-nbagent="result"]') as Element;
    expect(result.textContent).toContain("line 199");
    expect(result.textContent).not.toContain("line 200");
    await click(labelled(result, "Show all 1,000 lines"));
    expect(result.textContent).toContain("line 999");
  });

  it("shows a picture that opens at its full size", async () => {
    const el = await show();
    const bundle = { data: { "image/svg+xml": "<svg/>", "text/plain": "A plot" }, metadata: {} };
    await put(...START, ...call("t", "{}"), state("t", "done"), {
      op: "result",
      tool_call_id: "t",
      bundle,
      text: "x",
      error: null,
    });
    await click(labelled(el, "A plot: open at full size"));
    expect(el.querySelector("dialog img")?.getAttribute("alt")).toBe("A plot");
  });
});
