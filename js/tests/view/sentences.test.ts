import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCut, LONGEST, speakable } from "../../src/view/sentences";

describe("what is spoken of Markdown", () => {
  it("leaves out the marks", () => {
    const text = "## Japan *leads*\n\n- **30.5** mpg, see [the page](https://a.b/c_(d))\n- `code`";
    expect(speakable(text, true)).toBe("Japan leads\n30.5 mpg, see the page\ncode");
  });

  it("names code and tables instead of spelling them", () => {
    const text =
      "First:\n\n```python\nfor x in y:\n    pass.\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nDone.";
    expect(speakable(text, true)).toBe("First:\nCode in python.\nA table.\nDone.");
  });

  it("ends with the last finished sentence while it grows", () => {
    expect(speakable("One is done. The next is", false)).toBe("One is done.");
    expect(speakable("Version 1.5 is n", false)).toBe("");
    expect(speakable("Text.\n\n```python\nx = 1. \ny", false)).toBe("Text.");
    expect(speakable("Rows:\n| a | b |\n|---|", false)).toBe("Rows:");
    expect(speakable("一つ。二", false)).toBe("一つ。");
  });

  it("stops at a length that can be listened to", () => {
    const text = "A sentence. ".repeat(1000);
    expect(speakable(text, true)).toHaveLength(LONGEST);
    expect(isCut(text)).toBe(true);
    expect(isCut("A sentence.")).toBe(false);
  });

  it("only ever grows at its end", () => {
    const pieces = [
      "word ",
      "end. ",
      "**b** ",
      "`c`. ",
      "\n\n",
      "```py\nx. \n```\n",
      "| a | b |\n",
      "[l](u. v) ",
      "- i\n",
      "# h\n",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
        const text = parts.join("");
        let before = "";
        for (let end = 0; end <= text.length; end += 1) {
          const now = speakable(text.slice(0, end), false);
          expect(now.startsWith(before.trimEnd())).toBe(true);
          before = now;
        }
        expect(speakable(text, true).startsWith(before.trimEnd())).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
