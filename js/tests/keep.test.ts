/** The static form in the notebook's file, when the kernel cannot reach it by its display id. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepSaved } from "../src/keep";
import { Store } from "../src/store";
import type { WidgetModel } from "../src/transport";

const KEY = "nbagent-1a";

function notebook(...htmls: string[]) {
  const outputs = htmls.map((html) => ({ data: { "text/html": html } as Record<string, unknown> }));
  const set = vi.fn((index: number, output: { data: Record<string, unknown> }) => {
    outputs[index] = output;
  });
  const list = { length: outputs.length, get: (index: number) => outputs[index], set };
  const all = [{}, { outputs: list }];
  const cells = { length: 2, get: (index: number) => all[index] };
  const slots = new Set<(sender: unknown, state: string) => void>();
  const saveState = {
    connect: slots.add.bind(slots),
    disconnect: slots.delete.bind(slots),
  };
  const save = vi.fn(() => Promise.resolve());
  const saved = (state: string) => {
    for (const slot of slots) slot(null, state);
  };
  return { set, save, saved, manager: { context: { model: { cells }, saveState, save } } };
}

function started(manager: unknown) {
  const store = new Store();
  const life = new AbortController();
  const asked: string[] = [];
  store.assets.once = (name) => {
    asked.push(name);
    return Promise.resolve('{"text/html": "new"}');
  };
  const model = { get: () => KEY, widget_manager: manager } as unknown as WidgetModel;
  keepSaved(model, store, life.signal);
  const say = () =>
    store.apply([
      { op: "message_start", id: "m1", role: "user", created: 1 },
      { op: "status", status: "idle", model: "m" },
    ]);
  return { say, asked, life };
}

const form = (last: string) => `<div data-nbagent-of="${KEY}" data-nbagent-at="${last}">`;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("what is old is replaced once it is quiet, and nothing else is", async () => {
  const { set, manager } = notebook("<table>", form("0"), form("1-m1-done"), form("0"));
  const { say, asked } = started(manager);
  say();
  await vi.advanceTimersByTimeAsync(4000);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toEqual([`saved/${KEY}/1-m1-done`]);
  expect(set.mock.calls.map(([index]) => index)).toEqual([1, 3]);
  expect(set.mock.calls[0]?.[1].data).toEqual({ "text/html": "new" });
});

test("where the kernel's replacements do not come, it waits for them no more", async () => {
  const { set, manager } = notebook(form("0"));
  set.mockImplementation(() => {}); // what is put there is old as well
  const { say, asked } = started(manager);
  say();
  await vi.advanceTimersByTimeAsync(6000);
  say();
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked.length).toBe(2);
});

test("who saves before it came saves it too, once", async () => {
  const { set, save, saved, manager } = notebook(form("0"));
  const { say, life } = started(manager);
  saved("completed");
  say();
  saved("started");
  await vi.advanceTimersByTimeAsync(10);
  expect(save).not.toHaveBeenCalled();
  saved("completed manually");
  await vi.advanceTimersByTimeAsync(10);
  expect([set.mock.calls.length, save.mock.calls.length]).toEqual([1, 1]);
  saved("completed");
  life.abort();
  saved("completed");
  await vi.advanceTimersByTimeAsync(9000);
  expect([set.mock.calls.length, save.mock.calls.length]).toEqual([1, 1]);
});

test("what the kernel has replaced is left alone, and an ended widget does nothing", async () => {
  const { set, manager } = notebook(form("1-m1-done"));
  const fresh = started(manager);
  fresh.say();
  await vi.advanceTimersByTimeAsync(6000);
  const old = notebook(form("0"));
  const ended = started(old.manager);
  ended.say();
  ended.life.abort();
  await vi.advanceTimersByTimeAsync(6000);
  expect([fresh.asked, ended.asked, set.mock.calls, old.set.mock.calls]).toEqual([[], [], [], []]);
});

test("hosts without a notebook are left alone", () => {
  for (const manager of [undefined, null, {}, { context: {} }, { context: { model: {} } }])
    expect(() => started(manager).say()).not.toThrow();
});

test("of a document that was closed meanwhile nothing is asked and nothing is written", async () => {
  const manager = { context: { model: { cells: { length: 1, get: () => ({ outputs: null }) } } } };
  const { say, asked } = started(manager);
  say();
  await vi.advanceTimersByTimeAsync(9000);
  expect(asked).toEqual([]);
});
