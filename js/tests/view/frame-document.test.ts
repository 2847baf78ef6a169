/** The documents in frames: nothing a tool writes gets out of its own part of them. */
import { describe, expect, it } from "vitest";
import {
  frameDocument,
  plotlyPage,
  readFrameMessage,
  scriptPage,
} from "../../src/view/frame-document";

const LOOK = { colour: "rgb(1, 2, 3)", font: "sans-serif" };
const parse = (html: string) => new DOMParser().parseFromString(html, "text/html");

describe("frameDocument", () => {
  it.each(['"><script>evil()</script>', "&quot;><b>", "</iframe><p>out</p>", "<!--", '"&amp;"'])(
    "keeps %j in the inner frame, as it was",
    (html) => {
      const outer = parse(frameDocument(html, LOOK, false));
      expect(outer.querySelectorAll("iframe")).toHaveLength(1);
      expect(outer.querySelectorAll("script")).toHaveLength(1);
      expect(outer.querySelector("p, b")).toBeNull();
      const inner = outer.querySelector("iframe")?.getAttribute("srcdoc");
      expect(inner?.endsWith(html)).toBe(true);
    },
  );

  it("allows nothing remote unless it is told to, in both frames", () => {
    const policies = (remote: boolean) => {
      const outer = parse(frameDocument("", LOOK, remote));
      const inner = parse(outer.querySelector("iframe")?.getAttribute("srcdoc") ?? "");
      return [outer, inner].map((page) =>
        page.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute("content"),
      );
    };
    for (const policy of policies(false)) {
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-src 'none'");
      expect(policy).not.toContain("http");
    }
    for (const policy of policies(true)) expect(policy).toContain("https:");
  });

  it("gives the frames no origin and no way out", () => {
    const frame = parse(frameDocument("", LOOK, true)).querySelector("iframe");
    expect(frame?.getAttribute("sandbox")).toBe("allow-scripts");
  });
});

describe("pages", () => {
  it("cannot be left by what is written in a figure or a script", () => {
    const evil = "</script><script>evil()</script>";
    const figure = parse(plotlyPage("library()", { data: [{ name: evil }] }));
    expect(figure.querySelectorAll("script")).toHaveLength(2);
    const script = parse(scriptPage(`const text = "${evil}";`));
    expect(script.querySelectorAll("script")).toHaveLength(2);
    expect(parse(plotlyPage(`"</script>"`, {})).querySelectorAll("script")).toHaveLength(2);
  });
});

describe("readFrameMessage", () => {
  it.each([
    [{ nbagent: 120 }, { height: 120 }],
    [{ nbagent: "https://x.test/a.js" }, { blocked: "https://x.test/a.js" }],
    [{ nbagent: Number.NaN }, null],
    [{ nbagent: { type: "approve" } }, null],
    [{ type: "approve" }, null],
    ["nbagent", null],
    [null, null],
  ])("of %j takes %j", (data, message) => {
    expect(readFrameMessage(data)).toEqual(message);
  });
});
