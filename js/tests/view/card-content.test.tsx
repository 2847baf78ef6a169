/** What a card shows of its call: state, arguments, output, result, traceback. */
import { describe, expect, it, vi } from "vitest";
import type { CallState } from "../../src/views";
import type { Op } from "../../src/wire";
import { mounted } from "../mounted";
import { call, START } from "../run-ops";

const page = mounted({ status: "idle", model: "test", messages: [], calls: {} });
const { button, click, emit, find, frames, named } = page;

describe("tool cards", () => {
  it.each<CallState>([
    "streaming",
    "queued",
    "awaiting-approval",
    "running",
    "done",
    "failed",
    "denied",
    "cancelled",
    "interrupted",
  ])("shows the state %s with its arguments", async (state) => {
    await emit([...START, ...call(state)]);
    const card = named("tool-card");
    expect(card?.dataset).toMatchObject({ toolCallId: "t", toolName: "summary", state });
    expect(card?.querySelector("button[aria-expanded='true']")).not.toBeNull();
    expect(named("arguments")?.textContent).toContain("mpg");
  });

  it.each(["constructor", "__proto__"])("knows a call that is named %s", async (id) => {
    const renamed = (op: Op) => ("tool_call_id" in op ? { ...op, tool_call_id: id } : op);
    await emit([...START, ...call("running").map(renamed)]);
    expect(named("tool-card")?.dataset).toMatchObject({ toolCallId: id, state: "running" });
    expect(find(".nbagent-waiting")).toBeNull();
    await emit(call("done").map(renamed));
    expect(find(".nbagent-waiting")).not.toBeNull();
  });

  it("shows arguments while they are still being written", async () => {
    await emit([...START, ...call("streaming", '{"column": "mp')]);
    expect(named("arguments")?.textContent).toBe("columnmp");
  });

  it("shows a table in a shadow root, without a click", async () => {
    const html = "<table><tr><td onclick='alert(1)'>23.45</td></tr></table>";
    const bundle = { data: { "text/html": html, "text/plain": "23.45" }, metadata: {} };
    await emit([
      ...START,
      ...call("done"),
      { op: "result", tool_call_id: "t", bundle, text: "x", error: null },
    ]);
    const hosts = [...(named("result")?.querySelectorAll("*") ?? [])];
    const root = hosts.find((element) => element.shadowRoot)?.shadowRoot;
    expect(root?.querySelector("td")?.textContent).toBe("23.45");
    expect(root?.querySelector("[onclick]")).toBeNull();
  });

  it("shows HTML with a script in a frame without an origin", async () => {
    const html = "<p>23.45</p><script>alert(1)</script>";
    const bundle = { data: { "text/html": html, "text/plain": "23.45" }, metadata: {} };
    await emit([
      ...START,
      ...call("done"),
      { op: "result", tool_call_id: "t", bundle, text: "x", error: null },
    ]);
    const frame = named("frame") as HTMLIFrameElement;
    expect(frame.getAttribute("sandbox")).toBe("allow-scripts");
    expect(frame.getAttribute("srcdoc")).toContain("Content-Security-Policy");
    expect(find("script")).toBeNull();
  });

  it("takes over what the kernel rewrote, replaced and cleared", async () => {
    const printed = (text: string): Op => ({
      op: "output",
      tool_call_id: "t",
      output: { kind: "stream", name: "stdout", text },
    });
    await emit([...START, ...call("running"), printed("keep\n10%")]);
    await emit([{ op: "rewrite", tool_call_id: "t", first: 0, last: 1, text: "20%", hidden: 0 }]);
    expect(named("output")?.textContent).toBe("keep\n20%");
    await emit([{ op: "clear", tool_call_id: "t" }]);
    expect(named("output")).toBeNull();
  });

  it("leaves out the blank line of a progress bar that has gone", async () => {
    const output = { kind: "stream", name: "stderr", text: "outer: 100%\n        " } as const;
    await emit([...START, ...call("running"), { op: "output", tool_call_id: "t", output }]);
    expect(named("output")?.textContent).toBe("outer: 100%\n");
  });

  it("folds long output, and shows all of it on demand", async () => {
    const text = Array.from({ length: 300 }, (_, i) => `line ${i}\n`).join("");
    await emit([
      ...START,
      ...call("running"),
      { op: "output", tool_call_id: "t", output: { kind: "stream", name: "stdout", text } },
    ]);
    expect(named("output")?.textContent).not.toContain("line 199\n");
    await click(button("Show all 300 lines"));
    expect(named("output")?.textContent).toContain("line 0\n");
  });

  it("shows an image from its bytes and gives its address back at the end", async () => {
    const made = vi.fn(() => "blob:x");
    const revoked = vi.fn();
    URL.createObjectURL = made;
    URL.revokeObjectURL = revoked;
    const bundle = { data: { "image/png": { buffer: 0 } }, metadata: {} };
    await emit(
      [
        ...START,
        ...call("done"),
        { op: "result", tool_call_id: "t", bundle, text: "", error: null },
      ],
      [new DataView(new ArrayBuffer(4))],
    );
    expect(named("result")?.querySelector("img")?.getAttribute("src")).toBe("blob:x");
    page.lifetime.abort();
    await frames();
    expect(revoked).toHaveBeenCalledWith("blob:x");
  });

  it("shows output, carriage returns applied, and the traceback without its escapes", async () => {
    const error = {
      type: "KeyError",
      message: "'mpgg'",
      traceback: "\x1b[31mred\x1b[0m",
      hint: "",
    };
    await emit([
      ...START,
      ...call("failed"),
      {
        op: "output",
        tool_call_id: "t",
        output: { kind: "stream", name: "stdout", text: "10%\r50%\rdone\n" },
      },
      { op: "result", tool_call_id: "t", bundle: null, text: "", error },
    ]);
    expect(named("output")?.textContent).toBe("done\n");
    expect(named("result")?.textContent).toContain("KeyError");
    expect(find(".nbagent-ansi-red")?.textContent).toBe("red");
  });

  it("keeps a card as the person left it, whatever comes", async () => {
    await emit([...START, ...call("running")]);
    await click(named("tool-card")?.querySelector("button") ?? undefined);
    await frames();
    await emit(call("done"));
    expect(find("button[aria-expanded='false']")).not.toBeNull();
    expect(named("arguments")).toBeNull();
    expect(named("tool-card")?.textContent).toContain("column: mpg");
  });
});
