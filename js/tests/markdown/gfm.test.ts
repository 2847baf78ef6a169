/** What GitHub's specification says beyond CommonMark, with its own examples. */
import { describe, expect, it } from "vitest";
import { comparable, everyEnd, rendered, sanitized, streamed } from "./dom";

const EXAMPLES: [string, string, string][] = [
  [
    "198",
    "| foo | bar |\n| --- | --- |\n| baz | bim |",
    "<table><thead><tr><th>foo</th><th>bar</th></tr></thead><tbody><tr><td>baz</td><td>bim</td></tr></tbody></table>",
  ],
  [
    "199",
    "| abc | defghi |\n:-: | -----------:\nbar | baz",
    '<table><thead><tr><th align="center">abc</th><th align="right">defghi</th></tr></thead><tbody><tr><td align="center">bar</td><td align="right">baz</td></tr></tbody></table>',
  ],
  [
    "200",
    "| f\\|oo  |\n| ------ |\n| b `\\|` az |\n| b **\\|** im |",
    "<table><thead><tr><th>f|oo</th></tr></thead><tbody><tr><td>b <code>|</code> az</td></tr><tr><td>b <strong>|</strong> im</td></tr></tbody></table>",
  ],
  [
    "201",
    "| abc | def |\n| --- | --- |\n| bar | baz |\n> bar",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr></tbody></table><blockquote><p>bar</p></blockquote>",
  ],
  [
    "202",
    "| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td>baz</td></tr><tr><td>bar</td><td></td></tr></tbody></table><p>bar</p>",
  ],
  ["203", "| abc | def |\n| --- |\n| bar |", "<p>| abc | def |\n| --- |\n| bar |</p>"],
  [
    "204",
    "| abc | def |\n| --- | --- |\n| bar |\n| bar | baz | boo |",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead><tbody><tr><td>bar</td><td></td></tr><tr><td>bar</td><td>baz</td></tr></tbody></table>",
  ],
  [
    "205",
    "| abc | def |\n| --- | --- |",
    "<table><thead><tr><th>abc</th><th>def</th></tr></thead></table>",
  ],
  [
    "279",
    "- [ ] foo\n- [x] bar",
    '<ul><li><input disabled="" type="checkbox"> foo</li><li><input checked="" disabled="" type="checkbox"> bar</li></ul>',
  ],
  [
    "280",
    "- [x] foo\n  - [ ] bar\n  - [x] baz\n- [ ] bim",
    '<ul><li><input checked="" disabled="" type="checkbox"> foo<ul><li><input disabled="" type="checkbox"> bar</li><li><input checked="" disabled="" type="checkbox"> baz</li></ul></li><li><input disabled="" type="checkbox"> bim</li></ul>',
  ],
  ["491", "~~Hi~~ Hello, ~there~ world!", "<p><del>Hi</del> Hello, <del>there</del> world!</p>"],
  ["492", "This ~~has a\n\nnew paragraph~~.", "<p>This ~~has a</p><p>new paragraph~~.</p>"],
  ["493", "This will ~~~not~~~ strike.", "<p>This will ~~~not~~~ strike.</p>"],
  [
    "621",
    "www.commonmark.org",
    '<p><a href="http://www.commonmark.org">www.commonmark.org</a></p>',
  ],
  [
    "622",
    "Visit www.commonmark.org/help for more information.",
    '<p>Visit <a href="http://www.commonmark.org/help">www.commonmark.org/help</a> for more information.</p>',
  ],
  [
    "623",
    "Visit www.commonmark.org.\n\nVisit www.commonmark.org/a.b.",
    '<p>Visit <a href="http://www.commonmark.org">www.commonmark.org</a>.</p><p>Visit <a href="http://www.commonmark.org/a.b">www.commonmark.org/a.b</a>.</p>',
  ],
  [
    "624",
    "www.google.com/search?q=Markup+(business)\n\nwww.google.com/search?q=Markup+(business)))\n\n(www.google.com/search?q=Markup+(business))",
    '<p><a href="http://www.google.com/search?q=Markup+(business)">www.google.com/search?q=Markup+(business)</a></p><p><a href="http://www.google.com/search?q=Markup+(business)">www.google.com/search?q=Markup+(business)</a>))</p><p>(<a href="http://www.google.com/search?q=Markup+(business)">www.google.com/search?q=Markup+(business)</a>)</p>',
  ],
  [
    "627",
    "www.commonmark.org/he<lp",
    '<p><a href="http://www.commonmark.org/he">www.commonmark.org/he</a>&lt;lp</p>',
  ],
  [
    "628",
    "http://commonmark.org\n\n(Visit https://encrypted.google.com/search?q=Markup+(business))",
    '<p><a href="http://commonmark.org">http://commonmark.org</a></p><p>(Visit <a href="https://encrypted.google.com/search?q=Markup+(business)">https://encrypted.google.com/search?q=Markup+(business)</a>)</p>',
  ],
  ["629", "foo@bar.baz", '<p><a href="mailto:foo@bar.baz">foo@bar.baz</a></p>'],
  [
    "631",
    "a.b-c_d@a.b\n\na.b-c_d@a.b.\n\na.b-c_d@a.b-\n\na.b-c_d@a.b_",
    '<p><a href="mailto:a.b-c_d@a.b">a.b-c_d@a.b</a></p><p><a href="mailto:a.b-c_d@a.b">a.b-c_d@a.b</a>.</p><p>a.b-c_d@a.b-</p><p>a.b-c_d@a.b_</p>',
  ],
];

describe("GitHub's Markdown", () => {
  it.each(EXAMPLES)("example %s: as it is specified", (_number, markdown, html) => {
    expect(comparable(rendered(markdown))).toBe(sanitized(html));
  });

  it.each(EXAMPLES)("example %s: fed one character at a time", (_number, markdown) => {
    const grown = comparable(streamed(markdown, everyEnd(markdown)));
    expect(grown).toBe(comparable(rendered(markdown)));
  });

  it("takes the last line of a paragraph as a table's head", () => {
    const html = comparable(rendered("Here it is:\n| a | b |\n|---|---|\n| 1 | 2 |"));
    expect(html).toContain("<p>Here it is:</p><table><thead><tr><th>a</th>");
  });

  it("means 'about' by a single tilde between words", () => {
    expect(comparable(rendered("5~10 and 6~7"))).toBe("<p>5~10 and 6~7</p>");
  });
});
