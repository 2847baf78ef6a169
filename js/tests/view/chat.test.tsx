/** The view: the selectors and names that outside tests rely on, and what the person can do. */
import { act } from "preact/test-utils";
import { describe, expect, it, vi } from "vitest";
import createWidget from "../../src/index";
import { FakeModel } from "../fake-model";
import { mounted } from "../mounted";
import { START } from "../run-ops";

const page = mounted({ status: "idle", model: "test", messages: [], calls: {} });
const { button, click, emit, field, fill, find, frames, named, press } = page;

describe("messages", () => {
  it("shows the status at the root", async () => {
    expect(named("chat")?.dataset.status).toBe("idle");
    await emit(START);
    expect(named("chat")?.dataset.status).toBe("running");
  });

  it("shows the person's words as they were typed", async () => {
    await emit(START);
    const message = find('[data-nbagent="message"][data-role="user"]');
    expect(message?.querySelector('[data-nbagent="text"]')?.textContent).toBe("What is <b>it</b>?");
  });

  it("renders an answer's Markdown as it grows and keeps closed blocks' elements", async () => {
    await emit([...START, { op: "text", message: "a", part: "1", text: "First **part**\n\nsec" }]);
    const text = find('[data-role="assistant"] [data-nbagent="text"]');
    const paragraph = text?.querySelector("p");
    expect(text?.textContent?.replace(/\s+/g, " ").trim()).toBe("First part sec");
    await emit([{ op: "text", message: "a", part: "1", text: "ond\n\nthird" }]);
    expect(text?.querySelector("p")).toBe(paragraph);
    expect(text?.querySelectorAll("p")).toHaveLength(3);
  });

  it("never runs what a model wrote", async () => {
    const text = "<img src=x onerror=alert(1)> [x](javascript:alert(1)) <script>alert(1)</script>";
    await emit([...START, { op: "text", message: "a", part: "1", text }]);
    await emit([{ op: "message_end", id: "a", state: "done", usage: null, error: null }]);
    expect(find("img, script, [onerror], [href]")).toBeNull();
  });

  it("shows an error with its hint, and offers Retry on the last message", async () => {
    const error = { type: "RateLimited", message: "slow down", traceback: "tb", hint: "wait" };
    await emit([
      ...START,
      { op: "message_end", id: "a", state: "failed", usage: null, error },
      { op: "status", status: "idle", model: "test" },
    ]);
    expect(named("error")?.textContent).toContain("RateLimited");
    expect(named("error")?.textContent).toContain("wait");
    await click(button("Retry"));
    expect(page.model.sent.at(-1)).toEqual({ type: "retry" });
  });

  it("folds reasoning away until it is asked for", async () => {
    await emit([
      ...START,
      { op: "reasoning", message: "a", part: "r", text: "hmm", summary: false },
    ]);
    const reasoning = named("reasoning");
    expect(reasoning?.textContent).not.toContain("hmm");
    await click(reasoning?.querySelector("button") ?? undefined);
    await frames();
    expect(named("reasoning")?.textContent).toContain("hmm");
  });
});

describe("always approved", () => {
  it("is shown by tool, and taken back by a click", async () => {
    await emit([{ op: "always", names: ["deletes"] }]);
    await click(button("Ask again before deletes"));
    expect(page.model.sent.at(-1)).toEqual({ type: "revoke", name: "deletes" });
    await emit([{ op: "always", names: [] }]);
    expect(named("always")).toBeNull();
  });
});

describe("composer", () => {
  it("sends with Enter and empties", async () => {
    await fill("Message", "  hello ");
    await press("Message", { key: "Enter" });
    expect(page.model.sent.at(-1)).toEqual({ type: "ask", text: "hello" });
    expect(field("Message").value).toBe("");
  });

  it.each([
    ["Shift+Enter", { key: "Enter", shiftKey: true }],
    ["Enter while a character is being composed", { key: "Enter", isComposing: true }],
  ])("does not send with %s", async (_name, init) => {
    await fill("Message", "hello");
    await press("Message", init);
    expect(page.model.sent.some((command) => command.type === "ask")).toBe(false);
  });

  it("offers Stop instead of Send while a run is on", async () => {
    await emit(START);
    expect(button("Send")).toBeUndefined();
    await click(button("Stop"));
    expect(page.model.sent.at(-1)).toEqual({ type: "stop" });
  });

  it("stops with Escape while a run is on, and only then", async () => {
    await press("Message", { key: "Escape" });
    expect(page.model.sent.some((command) => command.type === "stop")).toBe(false);
    await emit(START);
    await press("Message", { key: "Escape" });
    expect(page.model.sent.at(-1)).toEqual({ type: "stop" });
  });

  it("gives the focus back to the notebook with Shift+Escape, and stops nothing", async () => {
    document.body.tabIndex = -1;
    await emit(START);
    field("Message").focus();
    await press("Message", { key: "Escape", shiftKey: true });
    expect(document.activeElement).toBe(document.body);
    expect(page.model.sent.some((command) => command.type === "stop")).toBe(false);
    document.body.removeAttribute("tabindex");
  });

  it("lets no key reach the notebook", async () => {
    const seen = vi.fn();
    document.body.addEventListener("keydown", seen, { signal: page.lifetime.signal });
    await press("Message", { key: "a" });
    expect(seen).not.toHaveBeenCalled();
    expect(named("chat")?.getAttribute("data-lm-suppress-shortcuts")).toBe("true");
  });
});

describe("who speaks", () => {
  it("is only asked of the page where there are several views", async () => {
    const asked = vi.fn(() => true);
    const seen = Object.getOwnPropertyDescriptor(Element.prototype, "checkVisibility");
    Object.defineProperty(Element.prototype, "checkVisibility", {
      value: asked,
      configurable: true,
    });
    await emit(START);
    for (const text of ["One sentence. ", "And one more. "])
      await emit([{ op: "text", message: "a", part: "1", text }]);
    // To answer, a browser styles all that has just been drawn.
    expect(asked).not.toHaveBeenCalled();
    await frames();
    expect(find(".nbagent-spoken")?.textContent).toContain("One sentence.");
    if (seen) Object.defineProperty(Element.prototype, "checkVisibility", seen);
    else Reflect.deleteProperty(Element.prototype, "checkVisibility");
  });

  it("is the first of several views that can be seen", async () => {
    const places = ["hidden", "seen", "behind"].map((id) =>
      Object.assign(document.createElement("div"), { id }),
    );
    document.body.append(...places);
    const widget = createWidget();
    const shared = new FakeModel();
    widget.initialize({ model: shared, signal: page.lifetime.signal });
    await act(() => {
      for (const el of places) widget.render({ model: shared, el, signal: page.lifetime.signal });
    });
    const [hidden] = places.map((place) => place.querySelector(".nbagent-spoken") as Element);
    Object.defineProperty(hidden, "checkVisibility", { value: () => false });
    shared.emit(1, [...START, { op: "text", message: "a", part: "1", text: "One sentence. " }]);
    await frames();
    await frames();
    const heard = places.map((place) => place.querySelector(".nbagent-spoken")?.textContent);
    expect(heard).toEqual(["", "One sentence.", ""]);
  });
});

describe("lifetimes", () => {
  it("shows the same transcript and toggles in several views, and ends them apart", async () => {
    const other = document.createElement("div");
    const second = new AbortController();
    const widget = createWidget();
    const shared = new FakeModel();
    widget.initialize({ model: shared });
    await act(() => {
      widget.render({ model: shared, el: other });
      widget.render({ model: shared, el: page.el, signal: second.signal });
    });
    shared.emit(1, START);
    await frames();
    expect(other.querySelectorAll('[data-nbagent="message"]')).toHaveLength(2);
    second.abort();
    expect(other.querySelector('[data-nbagent="chat"]')).not.toBeNull();
  });

  it("leaves nothing behind after 100 mounts", async () => {
    for (let i = 0; i < 100; i += 1) {
      const widget = createWidget();
      const used = new FakeModel();
      const end = widget.initialize({ model: used });
      const place = document.createElement("div");
      const unmount = widget.render({ model: used, el: place });
      unmount();
      end();
      expect(place.childNodes).toHaveLength(0);
      expect(used.listeners()).toBe(0);
    }
  });
});
