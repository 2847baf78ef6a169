/** Footnotes, maths, checkboxes, directions: what we show beyond CommonMark's text. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { LiveMarkdown } from "../../src/markdown/live";
import { setMathsLoader } from "../../src/markdown/maths";
import { comparable, everyEnd, rendered, shown, streamed } from "./dom";

const maths = (text: string) =>
  [...rendered(text).querySelectorAll(".nbagent-maths")].map((element) => element.textContent);

describe("footnotes", () => {
  const TEXT =
    "One[^b] two[^a] one again[^b].\n\n[^a]: The *second*.\n\n    More of it.\n[^b]: The first.\n[^c]: Never used.";

  it("are numbered by their references and stand at the end", () => {
    const root = rendered(TEXT);
    expect([...root.querySelectorAll("p sup")].map((mark) => mark.textContent)).toEqual([
      "1",
      "2",
      "1",
    ]);
    const notes = [...root.querySelectorAll("section > ol > li")];
    expect(notes.map((note) => note.textContent?.replace(/[↩\n]/g, ""))).toEqual([
      "The first.",
      "The second.More of it.",
    ]);
    expect(root.lastElementChild?.localName).toBe("section");
  });

  it("link there and back, with ids that no other text has", () => {
    const [one, other] = [rendered(TEXT), rendered(TEXT)];
    const ids = (root: Element) => [...root.querySelectorAll("[id]")].map((element) => element.id);
    expect(new Set([...ids(one), ...ids(other)]).size).toBe(2 * ids(one).length);
    for (const link of one.querySelectorAll<HTMLAnchorElement>("a[data-nbagent-to]")) {
      expect(link.getAttribute("href")).toBe(`#${link.dataset.nbagentTo}`);
      expect(ids(one)).toContain(link.dataset.nbagentTo);
    }
    expect(one.querySelectorAll("a[data-nbagent-to]").length).toBe(5);
  });

  it("that are defined nowhere stay text, and are a mark as long as they may come", () => {
    expect(comparable(rendered("See[^x]."))).toBe("<p>See[^x].</p>");
    expect(comparable(shown("See[^x]."))).toContain("<sup");
  });

  it("end the same in steps, in whatever order they were written", () => {
    const texts = [
      TEXT,
      "[^a]: First.\n\nThen[^z] and[^a].\n\n- in a list[^z]\n\n[^z]: > quote[^a]\n",
    ];
    for (const text of texts)
      expect(comparable(streamed(text, everyEnd(text)))).toBe(comparable(rendered(text)));
  });
});

describe("maths", () => {
  afterEach(() => setMathsLoader(null));

  it.each([
    ["$x_1 + x_2$", ["x_1 + x_2"]],
    ["so \\(a_b\\) and \\[c_d\\]", ["a_b", "c_d"]],
    ["$$x$$ and $y$", ["x", "y"]],
    ["$$\na_1\n+ b_2\n$$", ["a_1\n+ b_2"]],
    ["text\n$$\n- a\n$$\nmore", ["- a"]],
    ["\\[\n\\frac{a}{b}\n\\]", ["\\frac{a}{b}"]],
    ["$$ a = b $$", ["a = b"]],
    ["- item\n  $$\n  x\n  $$", ["x"]],
    ["cost $5 and $10", []],
    ["$5-$10 for it", []],
    ["a $ b $ c", []],
    ["\\$x$ y$", []],
    ["`$x$`", []],
    ["US$20 or 20$", []],
    ["$$\n\n$$", []],
  ])("finds in %j: %j", (text, wanted) => {
    expect(maths(text)).toEqual(wanted);
  });

  it("is TeX as code without a typesetter", () => {
    const code = rendered("$x_1$").querySelector(".nbagent-maths > code");
    expect(code?.textContent).toBe("x_1");
  });

  it("is set once the typesetter is there, which is fetched once", async () => {
    const load = vi.fn(async () => ({
      renderToString: (tex: string) => `<math><mi>${tex.toUpperCase()}</mi></math>`,
    }));
    setMathsLoader(load);
    const element = document.createElement("div");
    const live = new LiveMarkdown(element);
    live.update("$x$ and $y$", false);
    expect(element.querySelector("math")).toBeNull();
    await vi.waitFor(() => expect(element.querySelectorAll("math").length).toBe(2));
    live.update("$x$ and $y$ and $$z$$", true);
    expect([...element.querySelectorAll("mi")].map((mi) => mi.textContent)).toEqual([
      "X",
      "Y",
      "Z",
    ]);
    expect(load).toHaveBeenCalledTimes(1);
    expect(rendered("no maths").querySelector("math")).toBeNull();
  });

  it("stays TeX when the typesetter cannot be had or does not understand", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    setMathsLoader(() => Promise.reject(new Error("offline")));
    const element = rendered("$x$");
    await vi.waitFor(() => expect(console.warn).toHaveBeenCalled());
    expect(element.textContent?.trim()).toBe("x");
    setMathsLoader(null);
    setMathsLoader(async () => ({
      renderToString: () => {
        throw new Error("bad TeX");
      },
    }));
    const other = rendered("$y$");
    await new Promise((resolve) => setTimeout(resolve));
    expect(other.querySelector("code")?.textContent).toBe("y");
  });

  it("is made safe, whatever the typesetter was made to write", async () => {
    const attack =
      '<math><mi href="javascript:alert(1)" style="position:fixed;color:red" id="x" onclick="alert(1)">a</mi><mtext><img src=x onerror=alert(1)></mtext></math>';
    setMathsLoader(async () => ({ renderToString: () => attack }));
    const element = rendered("$x$");
    await vi.waitFor(() => expect(element.querySelector("math")).not.toBeNull());
    expect(element.innerHTML).not.toMatch(/javascript|position|onclick|onerror|img|id=/);
  });
});

describe("blocks", () => {
  it("choose their direction by their own first letter", () => {
    const root = rendered("مرحبا\n\n- واحد\n\n> اقتباس\n\n# عنوان");
    for (const block of root.querySelectorAll(".nbagent-piece > *"))
      expect(block.getAttribute("dir")).toBe("auto");
  });

  it("show what an image without a safe address is about", () => {
    expect(comparable(rendered("![a plot](plot.png)"))).toBe('<p><img alt="a plot"></p>');
  });

  it("label checkboxes and never let them be used", () => {
    const boxes = [...rendered("- [x] a\n- [ ] b").querySelectorAll("input")];
    expect(
      boxes.map((box) => [
        box.disabled,
        box.checked,
        box.ariaLabel ?? box.getAttribute("aria-label"),
      ]),
    ).toEqual([
      [true, true, "Done"],
      [true, false, "To do"],
    ]);
  });

  it("offer to insert code only where somebody can", () => {
    const element = document.createElement("div");
    new LiveMarkdown(element, { insert: true }).update("```py\nx\n```", true);
    expect(element.querySelector(".nbagent-code-insert")?.getAttribute("aria-label")).toBe(
      "Insert as a new cell",
    );
    expect(rendered("```py\nx\n```").querySelector(".nbagent-code-insert")).toBeNull();
  });
});
