/** Growing Markdown: what comes of it in steps is what comes of it at once, and closed blocks stay. */
import { Marked } from "marked";
import { describe, expect, it } from "vitest";
import { BlockSplitter } from "../../src/markdown/blocks";
import { lex, noLinks, toHtml } from "../../src/markdown/render";
import { CORPUS } from "./corpus";

const corpus = Object.entries(CORPUS);
const htmlOf = (splitter: BlockSplitter, text: string) =>
  splitter
    .update(text, true)
    .closed.map((block) => block.unsafeHtml)
    .join("");

describe("BlockSplitter", () => {
  it.each(corpus)("%s: fed one character at a time ends as it does at once", (_name, text) => {
    const splitter = new BlockSplitter();
    for (let end = 1; end <= text.length; end += 1) splitter.update(text.slice(0, end), false);
    expect(splitter.update(text, true)).toEqual(new BlockSplitter().update(text, true));
  });

  it.each(corpus)("%s: the blocks together are what marked makes of the whole", (_name, text) => {
    const source = text.replace(/\r\n?/g, "\n");
    const whole = toHtml(lex(source, noLinks()), true);
    expect(htmlOf(new BlockSplitter(), text)).toBe(whole);
  });

  it.each(corpus)("%s: a closed block is never made again", (_name, text) => {
    const splitter = new BlockSplitter();
    let before = splitter.update("", false).closed;
    for (let end = 1; end <= text.length; end += 1) {
      const { closed } = splitter.update(text.slice(0, end), false);
      expect(closed.length).toBeGreaterThanOrEqual(before.length);
      before.forEach((block, index) => {
        // Only a reference that is defined later may change one.
        if (!block.raw.includes("[")) expect(closed[index]).toBe(block);
      });
      before = closed;
    }
  });

  it("shows an open fence as code at once, without its closing marker", () => {
    const splitter = new BlockSplitter();
    expect(splitter.update("```python\nx = 1\n``", false).code).toEqual({
      id: 0,
      language: "python",
      text: "x = 1\n",
    });
  });

  it("starts again when the text is another one", () => {
    const splitter = new BlockSplitter();
    splitter.update("one\n\ntwo\n\nthree", false);
    expect(htmlOf(splitter, "other")).toBe("<p>other</p>\n");
  });

  it("keeps what has to be done for a step small, however long the reply", () => {
    const piece = `${"Some **words** in a paragraph. ".repeat(6)}\n\n- a\n- b\n\n`;
    const splitter = new BlockSplitter();
    for (let text = piece; text.length < 200_000; text += piece) {
      const { open } = splitter.update(text, false);
      const length = open.reduce((sum, block) => sum + block.raw.length, 0);
      expect(length).toBeLessThan(2 * piece.length);
    }
  });
});

describe("render", () => {
  it("differs from plain marked only in code blocks", () => {
    const text = CORPUS.lists ?? "";
    expect(toHtml(lex(text, noLinks()), true)).toBe(new Marked({ gfm: true }).parse(text));
  });
});
