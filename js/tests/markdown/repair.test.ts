/** The growing end's repair: no marker, half link or half tag is ever shown while a text streams. */
import { describe, expect, it } from "vitest";
import { repairInline } from "../../src/markdown/repair";
import { comparable, everyEnd, shown } from "./dom";

const words = (text: string) => (shown(text).textContent ?? "").trim();

describe("repairInline", () => {
  it.each([
    ["**bold", "**bold**"],
    ["**bold ", "**bold**"],
    ["**bold*", "**bold**"],
    ["*it **both", "*it **both***"],
    ["a ~~gone", "a ~~gone~~"],
    ["`code", "`code`"],
    ["``a ` b", "``a ` b``"],
    ["**see `x", "**see `x`**"],
    ["a **", "a "],
    ["a `", "a"],
    ["[text](https://exa", "text"],
    ["[text", "text"],
    ["![alt](https://i", ""],
    ["a <spa", "a "],
    ['a <span title="x', "a "],
    ["a <!-- no", "a "],
    ["a &am", "a "],
    ["a \\", "a "],
    ["note[^", "note"],
    ["note[^1", "note"],
    ["note[^1]", "note[^1]"],
    ["so $x_1 + y", "so `x_1 + y`"],
    ["**so $x_1", "**so `x_1`**"],
    ["so \\(x^2", "so `x^2`"],
    ["so $x$", "so $x$"],
    ["so $", "so "],
    ["for $5 and", "for $5 and"],
    ["$a_b$ and *c", "$a_b$ and *c*"],
    ["snake_case_na", "snake_case_na"],
    ["2 * 3", "2 * 3"],
    ["\\*no", "\\*no"],
    ["**done** and", "**done** and"],
  ])("completes %j to %j", (text, wanted) => {
    expect(repairInline(text)).toBe(wanted);
  });
});

describe("an unfinished text", () => {
  it.each([
    "para\n-",
    "para\n=",
    "#",
    "- ",
    "- - ",
    "1.",
    "> ",
    "> -",
    "- [",
    "- [x",
    "- [x]",
    "``",
    "```pyth",
    "---",
    "$$",
    "\\[",
    "[^1",
    "[^1]:",
    "[label]",
    "[label]: https://exa",
    "[label]: https://example.com 'tit",
    "<det",
    "<details",
    "para\n\n* ",
  ])("holds back the bare marker at the end of %j", (text) => {
    expect(words(text).trim()).toBe(text.startsWith("para") ? "para" : "");
  });

  it("holds a table back until its delimiter row is whole", () => {
    expect(words("| a | b |")).toBe("");
    expect(words("text\n\n| a | b |\n|--")).toBe("text");
    expect(words("text\n| a | b |\n|--")).toBe("text");
    expect(shown("| a | b |\n|---|---|\n").querySelector("table")).not.toBeNull();
    expect(words("| a |\nno table")).not.toBe("");
  });

  it("shows half a row of a table as cells", () => {
    const html = comparable(shown("| a | b |\n|---|---|\n| 1 | **tw"));
    expect(html).toContain("<tr><td>1</td><td><strong>tw</strong></td></tr>");
  });

  it.each([
    "This is **very *nested* bold**, `code` and a [link](https://example.com).",
    "> quoted **bold** and `code`\n\n1. one **two** `three`\n   - [x](https://a.b) *y*",
    "| a | **b** |\n|---|---|\n| `c` | [d](https://e.f) |\n",
    "So $x_1^2$ is **less** than \\(y_2\\) and\n\n$$\nz_3 = 4\n$$\n\nend",
    "A note[^1] and **another**[^2].\n\n[^1]: First `text`.\n[^2]: Second *text*.\n",
    "A <b>bold</b> word, <kbd>Esc</kbd>.\n\n<details>\n<summary>More</summary>\n\n**inside**\n\n</details>\n",
  ])("shows no marker at any step of %j", (text) => {
    for (const end of everyEnd(text)) {
      expect(words(text.slice(0, end))).not.toMatch(/[*`[\]|<>$~]|https|\\/);
    }
  });

  it("keeps code in a list as it is", () => {
    const text = "- item\n  ```py\n  a = b * c ** d\n  x = [1";
    expect(words(text)).toContain("x = [1");
  });
});
