/** A widget on a stand-in for its model, mounted anew for each test, and a person's hands on it. */
import { act } from "preact/test-utils";
import { afterEach, beforeEach, vi } from "vitest";
import createWidget from "../src/index";
import type { Op } from "../src/wire";
import { FakeModel } from "./fake-model";

/** The one widget of a test. Functions are fields, so that a test file can take them out. */
export class Mounted {
  model = new FakeModel();
  el = document.createElement("div");
  lifetime = new AbortController();
  private seq = 0;

  constructor(private readonly transcript?: unknown) {}

  /** Shows a new widget, of this transcript when one was given, as the only thing on the page. */
  readonly begin = async (): Promise<void> => {
    vi.useFakeTimers();
    this.model = new FakeModel();
    if (this.transcript) this.model.snapshot = { v: 1, seq: 0, transcript: this.transcript };
    this.seq = 0;
    this.el = document.createElement("div");
    document.body.replaceChildren(this.el);
    this.lifetime = new AbortController();
    const widget = createWidget();
    const { model, el } = this;
    widget.initialize({ model, signal: this.lifetime.signal });
    await act(() => {
      widget.render({ model, el, signal: this.lifetime.signal });
    });
  };

  readonly end = (): void => {
    this.lifetime.abort();
    vi.useRealTimers();
  };

  /** Lets a few frames pass. */
  readonly frames = (): Promise<void> =>
    act(() => {
      vi.advanceTimersByTime(250);
    });

  /** The kernel's next message, drawn. */
  readonly emit = async (ops: Op[], buffers: unknown[] = []): Promise<void> => {
    this.seq += 1;
    this.model.emit(this.seq, ops, buffers);
    await this.frames();
  };

  readonly find = <E extends HTMLElement = HTMLElement>(selector: string): E | null =>
    this.el.querySelector<E>(selector);

  readonly all = (selector: string): HTMLElement[] => [
    ...this.el.querySelectorAll<HTMLElement>(selector),
  ];

  /** The part of the picture with this name. */
  readonly named = (name: string): HTMLElement | null => this.find(`[data-nbagent="${name}"]`);

  /** The button that is read out with this name. */
  readonly button = (name: string): HTMLButtonElement | undefined =>
    [...this.el.querySelectorAll("button")].find(
      (candidate) => (candidate.getAttribute("aria-label") ?? candidate.textContent) === name,
    );

  readonly click = (target: HTMLElement | undefined): Promise<void> => act(() => target?.click());

  /** The text field with this label. */
  readonly field = (label: string): HTMLTextAreaElement =>
    this.find(`[aria-label="${label}"]`) as HTMLTextAreaElement;

  readonly fill = async (label: string, text: string): Promise<void> => {
    const field = this.field(label);
    field.value = text;
    await act(() => {
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  };

  /** A key, pressed in the field with this label. */
  readonly press = async (label: string, init: KeyboardEventInit): Promise<void> => {
    const event = new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init });
    await act(() => {
      this.field(label).dispatchEvent(event);
    });
  };
}

/** Mounts a widget before each test of the file, and ends it after. */
export function mounted(transcript?: unknown): Mounted {
  const page = new Mounted(transcript);
  beforeEach(page.begin);
  afterEach(page.end);
  return page;
}
