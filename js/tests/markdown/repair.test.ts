/** The tail's repair: no marker, half link or half tag is ever shown while a text streams. */
import { describe, expect, it } from "vitest";
import { lex, noLinks, toHtml } from "../../src/markdown/render";
import { repair } from "../../src/markdown/repair";

const shown = (text: string) => toHtml(lex(repair(text), noLinks()), false);
const words = (text: string) => shown(text).replace(/<[^>]*>/g, "");

describe("repair", () => {
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
    ["a &am", "a "],
    ["a \\", "a "],
    ["snake_case_na", "snake_case_na"],
    ["2 * 3", "2 * 3"],
    ["\\*no", "\\*no"],
    ["**done** and", "**done** and"],
  ])("completes %j to %j", (text, wanted) => {
    expect(repair(text)).toBe(wanted);
  });

  it.each([
    "para\n-",
    "para\n=",
    "#",
    "- ",
    "1.",
    "> ",
    "- [",
    "- [x",
    "``",
    "```pyth",
    "---",
    "para\n\n* ",
  ])("holds back the bare marker at the end of %j", (text) => {
    expect(words(text).trim()).toBe(text.startsWith("para") ? "para" : "");
  });

  it("holds a table back until its delimiter row is whole", () => {
    expect(words("| a | b |").trim()).toBe("");
    expect(words("text\n\n| a | b |\n|--").trim()).toBe("text");
    expect(shown("| a | b |\n|---|---|\n")).toContain("<table>");
    expect(words("| a |\nno table").trim()).not.toBe("");
  });

  it("shows no emphasis marker at any step of a sentence", () => {
    const text = "This is **very *nested* bold**, `code` and a [link](https://example.com).";
    for (let end = 1; end <= text.length; end += 1) {
      expect(words(text.slice(0, end))).not.toMatch(/[*`[\]]|https/);
    }
  });

  it("keeps code in a list as it is", () => {
    const text = "- item\n  ```py\n  a = b * c ** d\n  x = [1";
    expect(words(text)).toContain("x = [1");
  });
});
