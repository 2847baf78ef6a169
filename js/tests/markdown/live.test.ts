/** Growing Markdown: what comes of it in steps is what comes of it at once, and what is closed stays. */
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { LiveMarkdown } from "../../src/markdown/live";
import { CORPUS } from "./corpus";
import { comparable, everyEnd, rendered, streamed } from "./dom";

const corpus = Object.entries(CORPUS);

describe("LiveMarkdown", () => {
  it.each(corpus)("%s: fed one character at a time ends as it does at once", (_name, text) => {
    expect(comparable(streamed(text, everyEnd(text)))).toBe(comparable(rendered(text)));
  });

  it("ends the same wherever any document is cut", () => {
    const pieces = [
      ...corpus.map(([, text]) => text),
      ..."# |- |1. |> |    |\n|\n\n|**|*|_|~~|`|```\n|[|](|)|]: |![|<b>|</b>|<div>\n|</div>|$|$$\n|\\(|\\[|\\]|[^1]|[^1]: |[a]|[a]: /b\n|| x | y |\n|---|---|\n|\t|word |é漢🚗|&amp;|\\|---\n|- [x] |<!--|-->|<details>\n|</details>\n|https://a.b/c|www.x.y"
        .split(/(?<!\|)\|/)
        .filter((piece) => piece !== ""),
      "| x | y |\n|---|---|\n",
      "| 1 | **2",
    ];
    const documents = fc
      .array(fc.constantFrom(...pieces), { maxLength: 12 })
      .map((p) => p.join(""));
    const cuts = fc.array(fc.nat(), { maxLength: 8 });
    fc.assert(
      fc.property(documents, cuts, (text, places) => {
        const ends = places.map((place) => place % (text.length + 1)).sort((a, b) => a - b);
        expect(comparable(streamed(text, ends))).toBe(comparable(rendered(text)));
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it("asks the browser's parser for nothing that is words alone", () => {
    const rows = "| 12 | words | 3.5 |\n".repeat(50);
    const made = vi.spyOn(document, "createElement");
    const element = rendered(`## A heading\n\n| a | b | c |\n|---|---|---|\n${rows}\nAnd *more*.`);
    const parsed = made.mock.calls.filter(([name]) => name === "template");
    made.mockRestore();
    expect(element.querySelectorAll("td")).toHaveLength(150);
    expect(parsed).toHaveLength(1);
  });

  it("ends the same when it never has time for more than a piece", () => {
    const text = `${corpus.map(([, one]) => one).join("\n\n")}\n\n`.repeat(3);
    const element = document.createElement("div");
    const markdown = new LiveMarkdown(element);
    let steps = 0;
    let shown = "";
    while (shown !== text) {
      const next = markdown.update(text, true, () => false);
      expect(next.length).toBeGreaterThan(shown.length);
      expect(text.startsWith(next)).toBe(true);
      shown = next;
      steps += 1;
    }
    expect(steps).toBeGreaterThan(3);
    expect(comparable(element)).toBe(comparable(rendered(text)));
  });

  it.each(corpus)("%s: what is closed is never made again", (_name, text) => {
    // References that are defined later change earlier text, and a list may become loose.
    if (text.includes("]:") || /\n\n+(?:[-*\d]| {2})/.test(text)) return;
    const element = document.createElement("div");
    const live = new LiveMarkdown(element);
    let before: Element[] = [];
    for (const end of everyEnd(text)) {
      live.update(text.slice(0, end), false);
      const now = [...element.querySelectorAll(".nbagent-piece > *")];
      expect(now.slice(0, Math.max(0, before.length - 2))).toEqual(
        before.slice(0, Math.max(0, before.length - 2)),
      );
      before = now;
    }
  });

  it("keeps each item of a long list and each row of a long table", () => {
    for (const [head, line, selector] of [
      ["", "- item **bold** text\n", "li"],
      ["| a | b |\n|---|---|\n", "| 1 | `x` |\n", "tr"],
    ] as const) {
      const element = document.createElement("div");
      const live = new LiveMarkdown(element);
      live.update(head + line.repeat(50), false);
      const before = [...element.querySelectorAll(selector)];
      live.update(head + line.repeat(60), false);
      expect([...element.querySelectorAll(selector)].slice(0, before.length)).toEqual(before);
    }
  });

  it("does not bring back what was only tried on, when a label turns out to be none", () => {
    const text = "[^1]---\n---\n";
    expect(comparable(streamed(text, everyEnd(text)))).toBe(comparable(rendered(text)));
  });

  it("appends to the text of an open fence", () => {
    const element = document.createElement("div");
    const live = new LiveMarkdown(element);
    live.update("```python\nx = 1\n``", false);
    const text = element.querySelector("code")?.firstChild as Text;
    expect(text.data).toBe("x = 1");
    live.update("```python\nx = 1\ny = 2", false);
    expect(element.querySelector("code")?.firstChild).toBe(text);
    expect(text.data).toBe("x = 1\ny = 2");
    live.update("```python\nx = 1\ny = 2\n```\n", false);
    expect(element.querySelector("code")?.textContent).toBe("x = 1\ny = 2\n");
  });

  it("keeps what is settled of one long paragraph", () => {
    const words = "Some **words** that go on and on, with `code` and [links](https://x.org). ";
    const element = document.createElement("div");
    const live = new LiveMarkdown(element);
    let text = "";
    for (let step = 0; step < 200; step += 1) {
      text += words;
      live.update(text, false);
    }
    const first = element.querySelector("strong");
    live.update(text + words, false);
    expect(element.querySelectorAll("p").length).toBe(1);
    expect(element.querySelector("strong")).toBe(first);
    live.update(text, true);
    expect(comparable(element)).toBe(comparable(rendered(text)));
  });

  it("sets a long paragraph right at the end when something opened early closes late", () => {
    const text = `*${"plain words follow ".repeat(2000)}end* and more`;
    expect(comparable(streamed(text, [1000, 5000, 20_000, 30_000]))).toBe(
      comparable(rendered(text)),
    );
  });

  it("starts again when the text is another one", () => {
    const element = document.createElement("div");
    const live = new LiveMarkdown(element);
    live.update("one\n\ntwo\n\nthree", false);
    live.update("other", true);
    expect(comparable(element)).toBe("<p>other</p>");
  });

  it("resolves references that are defined later", () => {
    const element = document.createElement("div");
    const live = new LiveMarkdown(element);
    live.update("See [this][one].\n\nMore\n\n", false);
    expect(element.querySelector("a")).toBeNull();
    live.update("See [this][one].\n\nMore\n\n[one]: https://one.example\n\nx", false);
    expect(element.querySelector("a")?.href).toBe("https://one.example/");
  });
});
