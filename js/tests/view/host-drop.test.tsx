/** Files dragged out of JupyterLab's file browser, as Lumino tells of them. */
import { File as NodeFile } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { act } from "preact/test-utils";
import { expect, it, onTestFinished, vi } from "vitest";
import { hostFiles, type UrlOf } from "../../src/view/host-drop";
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
  ["not 21", { model: { name: "a", type: "file" }, paths: [..."abcdefghijklmnopqrstu"] }],
  ["“data” is a folder", { model: { name: "data", type: "directory" } }],
  ["20 MB; a file may have 10 MB", { model: { name: "big", type: "file", size: 20_000_000 } }],
  ["cannot be read: gone", { model: { name: "a", type: "file" }, content: new Error("gone") }],
])("says why it does not: %s", async (words, drag) => {
  await drop(drag);
  await vi.waitFor(() => expect(named("note")?.textContent).toContain(words));
  expect(names()).toEqual([]);
});

it("is over until what was entered last is left, whatever went meanwhile", async () => {
  const log = find(".nbagent-log") as HTMLElement;
  const child = log.appendChild(document.createElement("p"));
  const dataTransfer = { types: ["Files"], files: [] };
  const tell = (type: string, target: HTMLElement) =>
    act(() => {
      const event = new Event(type, { bubbles: true, cancelable: true });
      target.dispatchEvent(Object.assign(event, { dataTransfer }));
    });
  await tell("dragenter", log);
  await tell("dragenter", child);
  await tell("dragleave", log);
  expect(named("drop")).not.toBeNull();
  // A step of the reply redraws what is hovered over: nobody hears that it was left.
  child.remove();
  await tell("dragenter", log);
  expect(named("drop")).not.toBeNull();
  await tell("dragleave", log);
  expect(named("drop")).toBeNull();
});

/** The files of a server beside, as the host's. */
async function served(): Promise<UrlOf> {
  const server = createServer(({ url }, response) => {
    if (url === "/in/a.csv") response.setHeader("Content-Type", "text/csv").end("a,b\n");
    else if (url === "/in/big") response.writeHead(200, { "Content-Length": 2e7 }).write("begun");
    else response.writeHead(403).end();
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return async (path) => {
    if (path === "in/lost") throw new Error("no such drive");
    return `http://127.0.0.1:${port}/${path}`;
  };
}

it("takes all of several files, in their order, and says which it cannot", async () => {
  vi.useRealTimers();
  vi.stubGlobal("File", NodeFile);
  const model = { name: "b.txt", path: "in/b.txt", type: "file", size: 1 };
  const data: Record<string, unknown> = {
    "application/x-jupyter-icontentsrich": {
      model,
      withContent: async () => ({ ...model, format: "text", content: "b" }),
    },
    "application/x-jupyter-icontents": ["in/a.csv", "in/b.txt", "in/big", "in/folder", "in/lost"],
  };
  const mimeData = { hasData: () => true, getData: (type: string) => data[type] };
  const urlOf = await served();
  const [files, problem] = await new Promise<[File[], string]>((resolve) =>
    hostFiles(urlOf, (...taken) => resolve(taken)).drop(
      Object.assign(new Event("lm-drop"), { mimeData }),
    ),
  );
  expect(files.map(({ name, size }) => [name, size])).toEqual([
    ["a.csv", 4],
    ["b.txt", 1],
    ["big", 2e7],
  ]);
  expect(await files[0]?.text()).toBe("a,b\n");
  expect(problem).toBe(
    "“folder” cannot be read; folders cannot be attached. “lost” cannot be read: no such drive",
  );
});
