/** Colours of terminal text: the named ones by class, the others as they are. */
import { render } from "preact";
import { describe, expect, it } from "vitest";
import { Ansi } from "../../src/view/ansi";
import { foldAt } from "../../src/view/output";

function html(text: string, start?: number): string {
  const place = document.createElement("pre");
  render(<Ansi text={text} {...(start === undefined ? {} : { start })} />, place);
  return place.innerHTML;
}

describe("Ansi", () => {
  it.each([
    ["\x1b[31mred\x1b[0m off", '<span class="nbagent-ansi-red">red</span> off'],
    ["\x1b[1;4mb\x1b[22mu", "bu"],
    ["\x1b[38;5;208morange", "rgb(255, 135, 0)"],
    ["\x1b[48;2;1;2;3mon", "background-color: rgb(1, 2, 3)"],
    ["\x1b[38;5;244mgrey", "rgb(128, 128, 128)"],
    ["\x1b[38;5;1mred", "nbagent-ansi-red"],
    ["\x1b[44mon", "nbagent-ansi-on-blue"],
    ["\x1b[31mred\x1b[39mplain", '<span class="nbagent-ansi-red">red</span>'],
    ["<b>\x1b[2K\x1b]0;t\x07&", "&lt;b&gt;&amp;"],
  ])("%j has %j", (text, expected) => {
    const made = html(text);
    expect(made.includes(expected) || made.replace(/<[^>]*>/g, "") === expected).toBe(true);
  });

  it("keeps the colour that was set before the part that is shown", () => {
    const text = "\x1b[32mfirst\nsecond";
    expect(html(text, text.indexOf("second"))).toBe(
      '<span class="nbagent-ansi-green">second</span>',
    );
  });
});

describe("foldAt", () => {
  it("shows short output whole, and of long output the last hundred lines", () => {
    expect(foldAt("a\nb\n")).toBe(0);
    const text = Array.from({ length: 12_000 }, (_, i) => `line ${i}\n`).join("");
    expect(text.slice(foldAt(text)).split("\n").length - 1).toBe(100);
    expect(foldAt("x".repeat(50_000))).toBe(30_000);
  });
});
