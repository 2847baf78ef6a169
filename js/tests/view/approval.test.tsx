/** A call that waits for a yes: what the buttons say to the kernel, and edited arguments. */
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { mounted } from "../mounted";
import { call, START } from "../run-ops";

const page = mounted({ status: "idle", model: "test", messages: [], calls: {} });
const { button, click, emit, find } = page;

describe("approval", () => {
  const asked = () =>
    emit([...START, ...call("awaiting-approval"), { op: "status", status: "waiting", model: "" }]);

  it.each([
    ["Approve", { type: "approve", tool_call_id: "t", arguments: null, always: false }],
    ["Always approve", { type: "approve", tool_call_id: "t", arguments: null, always: true }],
    ["Deny", { type: "deny", tool_call_id: "t", reason: "" }],
  ])("%s says so to the kernel, once", async (name, command) => {
    await asked();
    await click(button(name));
    await click(button(name));
    expect(page.model.sent.filter((sent) => sent.type === command.type)).toEqual([command]);
  });

  it("sends edited arguments, and only when they are JSON", async () => {
    await asked();
    await click(button("Edit"));
    const editor = find('textarea[aria-label="Arguments as JSON"]') as HTMLTextAreaElement;
    const edit = (text: string) => {
      editor.value = text;
      return act(() => {
        editor.dispatchEvent(new Event("input", { bubbles: true }));
      });
    };
    await edit('{"column"');
    expect(button("Approve")?.disabled).toBe(true);
    await edit('{"column": "weight"}');
    await click(button("Approve"));
    expect(page.model.sent.at(-1)).toMatchObject({ arguments: '{"column": "weight"}' });
  });

  it("stays open with the reason when the tool does not take the arguments", async () => {
    await asked();
    await click(button("Edit"));
    await click(button("Approve"));
    expect(button("Approve")?.disabled).toBe(true);
    await emit([
      { op: "arguments_set", tool_call_id: "t", text: '{"column": 3}' },
      {
        op: "call_state",
        tool_call_id: "t",
        state: "awaiting-approval",
        started: null,
        elapsed: null,
      },
      { op: "problem", tool_call_id: "t", text: "column: expected a text" },
    ]);
    expect(find('[role="alert"]')?.textContent).toBe("column: expected a text");
    expect(button("Approve")?.disabled).toBe(false);
  });
});
