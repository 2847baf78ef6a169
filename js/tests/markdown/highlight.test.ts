/** Colours of code: fetched when code comes, put on when there is time, the words never touched. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { highlight as real } from "../../src/highlight-asset";
import { type Highlighter, highlight, setHighlighterLoader } from "../../src/markdown/highlight";
import { LiveMarkdown } from "../../src/markdown/live";

const CODE = "```python\nx = 1 # <b>\n```\n";

function live(): { element: HTMLElement; markdown: LiveMarkdown } {
  const element = document.createElement("div");
  return { element, markdown: new LiveMarkdown(element) };
}

const coloured = (element: HTMLElement) => element.querySelector(".hljs-number") !== null;

describe("colours", () => {
  afterEach(() => setHighlighterLoader(null));

  it("are fetched once, when the first code block begins, and change nothing but colours", async () => {
    const load = vi.fn(async (): Promise<Highlighter> => ({ highlight: real }));
    setHighlighterLoader(load);
    const { element, markdown } = live();
    markdown.update("Words, `code`.\n\n", false);
    expect(load).not.toHaveBeenCalled();
    markdown.update(`Words, \`code\`.\n\n${CODE}more`, false);
    expect(element.querySelector("code.language-python")?.textContent).toBe("x = 1 # <b>\n");
    expect(coloured(element)).toBe(false);
    await vi.waitFor(() => expect(coloured(element)).toBe(true));
    expect(element.querySelector("code.language-python")?.textContent).toBe("x = 1 # <b>\n");
    expect(element.querySelector("code b")).toBeNull();
    const other = live();
    other.markdown.update(CODE, true);
    expect(coloured(other.element)).toBe(true);
    expect(load).toHaveBeenCalledOnce();
  });

  it("wait for the end of the block, also when what looked like it was none", async () => {
    setHighlighterLoader(async () => ({ highlight: real }));
    const { element, markdown } = live();
    markdown.update("```python\nx = 1\n``` ", false);
    await vi.waitFor(() => expect(coloured(element)).toBe(true));
    markdown.update("```python\nx = 1\n``` y", false);
    expect(coloured(element)).toBe(false);
    expect(element.querySelector("code")?.textContent).toBe("x = 1\n``` y");
  });

  it("leave code plain where the highlighter cannot be had, or does not know the language", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    setHighlighterLoader(() => Promise.reject(new Error("gone")));
    const { element, markdown } = live();
    markdown.update(CODE, true);
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    expect(element.querySelector("code")?.textContent).toBe("x = 1 # <b>\n");
    expect(real("x", "no-such-language")).toBeNull();
    warn.mockRestore();
  });

  it("of JSON need no highlighter", () => {
    expect(highlight('{"a": [1, "<", null]}', "json")).toBe(
      '{<span class="hljs-attr">&quot;a&quot;</span>: [<span class="hljs-number">1</span>, ' +
        '<span class="hljs-string">&quot;&lt;&quot;</span>, <span class="hljs-literal">null</span>]}',
    );
  });

  it.each(
    "python ipython r julia sql postgres bash console json yaml toml ini xml html css scss javascript typescript java c cpp csharp go rust ruby php scala kotlin swift latex markdown diff dockerfile makefile lua matlab plaintext powershell".split(
      " ",
    ),
  )("know %s", (language) => {
    expect(real("a = 1", language)).toContain("a");
  });
});
