/** Files dragged out of JupyterLab's file browser, as Lumino tells of them. */
import { File as NodeFile } from "node:buffer";
import { act } from "preact/test-utils";
import { expect, it, vi } from "vitest";
import type { Transcript } from "../../src/views";
import { mounted } from "../mounted";

const transcript: Transcript = {
  status: "idle",
  model: "openai:a",
  always: [],
  messages: [],
  calls: {},
  offers: { commands: [], tools: [], suggestions: [], models: [], images: true, files: true },
};
const { all, find, named } = mounted(transcript);

interface Drag {
  model: Record<string, unknown>;
  content?: Record<string, unknown> | Error;
  paths?: string[];
}

/** Drags something over the log, and drops it; gives the event of the drop. */
async function drop({
  model,
  content,
  paths = ["a"],
}: Drag): Promise<Event & Record<string, unknown>> {
  const withContent = async () => {
    if (content instanceof Error) throw content;
    return { ...model, ...content };
  };
  const data: Record<string, unknown> = {
    "application/x-jupyter-icontentsrich": { model, withContent },
    "application/x-jupyter-icontents": paths,
  };
  const mimeData = {
    hasData: (type: string) => type in data,
    getData: (type: string) => data[type],
  };
  const told = (type: string) =>
    Object.assign(new Event(type, { bubbles: true, cancelable: true }), {
      mimeData,
      proposedAction: "move",
    });
  const log = find(".nbagent-log") as HTMLElement;
  await act(() => {
    log.dispatchEvent(told("lm-dragenter"));
  });
  expect(named("drop")).not.toBeNull();
  const last = told("lm-drop");
  await act(async () => {
    log.dispatchEvent(last);
    // A file is read by the system, not by a timer.
    vi.useRealTimers();
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  await vi.waitFor(() => expect(named("drop")).toBeNull());
  return last as unknown as Event & Record<string, unknown>;
}

const names = () => all('[data-nbagent="attached"] .nbagent-file-name').map((e) => e.textContent);

it("attaches text, bytes and notebooks", async () => {
  // That of this page's stand-in cannot be read.
  vi.stubGlobal("File", NodeFile);
  const text = { name: "a.csv", type: "file", size: 4 };
  const event = await drop({ model: text, content: { format: "text", content: "a,b\n" } });
  expect([event.defaultPrevented, event.dropAction]).toEqual([true, "move"]);
  const image = { name: "b.png", type: "file", size: 8 };
  const bytes = btoa("\x89PNG\r\n\x1a\n");
  await drop({
    model: image,
    content: { format: "base64", content: bytes, mimetype: "image/png" },
  });
  const notebook = { name: "c.ipynb", type: "notebook", size: null };
  await drop({ model: notebook, content: { format: "json", content: { cells: [] } } });
  await vi.waitFor(() => expect(names()).toEqual(["a.csv", "b.png", "c.ipynb"]));
});

it.each<[string, Drag]>([
  ["one file at a time", { model: { name: "a", type: "file" }, paths: ["a", "b"] }],
  ["“data” is a folder", { model: { name: "data", type: "directory" } }],
  ["20 MB; a file may have 10 MB", { model: { name: "big", type: "file", size: 20_000_000 } }],
  ["cannot be read: gone", { model: { name: "a", type: "file" }, content: new Error("gone") }],
])("says why it does not: %s", async (words, drag) => {
  await drop(drag);
  await vi.waitFor(() => expect(named("note")?.textContent).toContain(words));
  expect(names()).toEqual([]);
});
