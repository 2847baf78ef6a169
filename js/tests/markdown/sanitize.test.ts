/** The sanitizer: nothing runs, nothing loads, nothing leads into the host. */
import { describe, expect, it } from "vitest";
import { decorate } from "../../src/markdown/decorate";
import { sanitizeModel, sanitizeTool } from "../../src/markdown/sanitize";
import { rendered } from "./dom";

function htmlOf(fragment: DocumentFragment): string {
  const box = document.createElement("div");
  box.append(fragment);
  return box.innerHTML;
}
const model = (html: string) => htmlOf(sanitizeModel(html));
const tool = (html: string) => htmlOf(sanitizeTool(html));
const markdown = (text: string) => rendered(text).innerHTML;

const VECTORS = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "<svg onload=alert(1)><script>alert(1)</script></svg>",
  "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
  "<svg><animate onbegin=alert(1) attributeName=x dur=1s></svg>",
  "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
  "<iframe src='javascript:alert(1)'></iframe>",
  "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
  "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
  "<a href='javascript:alert(1)'>x</a>",
  "<a href='  java\nscript:alert(1)'>x</a>",
  "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
  "<a href='vbscript:msgbox(1)'>x</a>",
  "<form action='https://evil.example'><input name=q><button>go</button></form>",
  "<details ontoggle=alert(1) open>x</details>",
  "<body onload=alert(1)><base href='https://evil.example/'>",
  "<meta http-equiv=refresh content='0;url=https://evil.example'>",
  "<link rel=stylesheet href='https://evil.example/x.css'>",
  "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
  "<video src='https://evil.example/v' autoplay onerror=alert(1)></video>",
  "<input type=image src='https://evil.example/i' onerror=alert(1)>",
  "<template><img src=x onerror=alert(1)></template>",
  "<div style='background:url(https://evil.example/b)'>x</div>",
  "<table background='https://evil.example/b'><tr><td>x</table>",
  "<img srcset='https://evil.example/s 1x' src='https://evil.example/i'>",
  "<svg><image href='https://evil.example/i'/><use href='https://evil.example/u#x'/></svg>",
  "<svg><rect fill='url(https://evil.example/f)'/><rect fill='u\\72l(https://evil.example/f)'/></svg>",
  "<style>@import 'https://evil.example/x.css'; p{background:u\\72l(https://evil.example)}</style><p>x",
];

const DANGER =
  /<script|\son\w+\s*=|javascript:|vbscript:|<iframe|<object|<embed|<form|<base|<meta|<link|@import/i;
const LOADS = /(?:\ssrc|\ssrcset|\sbackground|\bhref|fill|style)="[^"]*evil\.example/i;

describe.each([
  ["model HTML", model],
  ["tool HTML", tool],
  ["Markdown", markdown],
])("%s", (_name, clean) => {
  it.each(VECTORS)("makes %s harmless", (vector) => {
    const html = clean(vector);
    expect(html).not.toMatch(DANGER);
    expect(html.replace(/data-nbagent-src="[^"]*"/g, "")).not.toMatch(LOADS);
  });
});

describe("model HTML", () => {
  it("leaves nothing of a document of frames", () => {
    expect(markdown('<frameset onload="alert(1)"><frame src="x">')).not.toContain("frame");
    expect(markdown("<p>a</p>\n\n<frameset>\n\nafter")).toContain("after");
  });

  it("keeps no style, id, name or foreign class", () => {
    const html = model(
      '<style>*{display:none}</style><p style="position:fixed" id="x" name="y" class="jp-Button hljs-keyword">t</p>',
    );
    expect(html).toBe('<p class="hljs-keyword">t</p>');
  });

  it("opens safe links apart and takes the address off every other", () => {
    expect(model('<a href="https://a.example">x</a>')).toBe(
      '<a href="https://a.example" target="_blank" rel="noopener noreferrer">x</a>',
    );
    expect(model('<a href="/api/shutdown">x</a>')).toBe("<a>x</a>");
    expect(model('<a href="//evil.example">x</a>')).toBe("<a>x</a>");
  });

  it("puts a button in the place of a remote image", () => {
    const fragment = decorate(sanitizeModel('<img src="https://i.example/p.png" alt="Plot">'));
    const button = fragment.querySelector("button");
    expect(fragment.querySelector("img")).toBeNull();
    expect(button?.textContent).toBe("Plot: load from i.example");
  });

  it("keeps images that are in the text itself", () => {
    expect(model('<img src="data:image/png;base64,AAAA">')).toContain("data:image/png");
    expect(model('<img src="data:image/svg+xml;base64,AAAA">')).not.toContain("data:");
  });

  it("keeps checkboxes and no other input", () => {
    expect(model('<input type="checkbox" checked><input type="text">')).toMatch(/^<input[^>]*>$/);
  });
});

describe("tool HTML", () => {
  it("keeps a table's own style and what it refers to", () => {
    const html = tool(
      '<style>#T_1 td{color:red}</style><table id="T_1"><tr><td class="col0" style="color:red">1',
    );
    expect(html).toContain("#T_1 td{color:red}");
    expect(html).toContain('id="T_1"');
    expect(html).toContain('style="color:red"');
  });

  it("keeps a chart's gradients", () => {
    expect(tool('<svg><rect fill="url(#g)"/></svg>')).toContain('fill="url(#g)"');
  });
});
