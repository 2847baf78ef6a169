/** Long texts: in over several frames, whole in the end, and the newest is what is shown. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LiveMarkdown } from "../../src/markdown/live";
import { Writer } from "../../src/view/writer";

class FakeMarkdown {
  readonly updates: [string, boolean][] = [];
  update(text: string, done: boolean): string {
    this.updates.push([text, done]);
    return text;
  }
}

const LONG = "word ".repeat(20_000);

describe("Writer", () => {
  let shown: FakeMarkdown;
  let writer: Writer;
  const settled = () => vi.waitFor(() => expect(shown.updates.at(-1)?.[1]).toBe(true));
  beforeEach(() => {
    shown = new FakeMarkdown();
    writer = new Writer(shown as unknown as LiveMarkdown);
  });

  it("shows a short text at once", () => {
    writer.write("Words", false);
    writer.write("Words.", true);
    expect(shown.updates.at(-1)).toEqual(["Words.", true]);
  });

  it("shows a long text piece by piece, each one the beginning of the next", async () => {
    writer.write(LONG, true);
    expect(shown.updates.length).toBe(1);
    await settled();
    expect(shown.updates.length).toBeGreaterThan(3);
    for (const [index, [text, done]] of shown.updates.entries()) {
      expect(LONG.startsWith(text)).toBe(true);
      expect(done).toBe(index === shown.updates.length - 1);
    }
    expect(shown.updates.at(-1)?.[0]).toBe(LONG);
  });

  it("shows the end at once, unless very much is missing", () => {
    writer.write(LONG, false);
    const first = shown.updates.at(-1)?.[0].length ?? 0;
    const whole = LONG.slice(0, first + 12_000);
    writer.write(whole, true);
    expect(shown.updates.at(-1)).toEqual([whole, true]);
  });

  it("goes on to what the text has become meanwhile", async () => {
    writer.write(LONG, false);
    writer.write(`${LONG}The end.`, false);
    writer.write(`${LONG}The end.`, true);
    await settled();
    expect(shown.updates.at(-1)?.[0]).toBe(`${LONG}The end.`);
    writer.write("Another.", true);
    expect(shown.updates.at(-1)).toEqual(["Another.", true]);
  });

  it("stops when its view is gone", async () => {
    writer.write(LONG, true);
    writer.dispose();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(shown.updates.length).toBe(1);
  });
});
