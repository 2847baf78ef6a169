/** HTML without what would load by itself: everything local stays, and we know what went. */
import { describe, expect, it } from "vitest";
import { localize } from "../../src/view/remote";

describe("localize", () => {
  it.each([
    '<img src="https://a.test/x.png">',
    '<img src="//a.test/x.png">',
    '<img src="x">',
    '<img srcset="https://a.test/x.png 2x">',
    '<script src="https://a.test/x.js"></script>',
    '<link rel="stylesheet" href="https://a.test/x.css">',
    '<iframe src="https://a.test/"></iframe>',
    '<video poster="https://a.test/x.png"></video>',
    '<object data="https://a.test/x"></object>',
    '<svg><image href="https://a.test/x.png"></image></svg>',
    '<meta http-equiv="refresh" content="0;url=https://a.test/">',
    '<base href="https://a.test/">',
    '<p style="background: url(https://a.test/x.png)">words</p>',
    '<style>@import "https://a.test/x.css"; p { background: url("https://a.test/y.png") }</style>',
    '<iframe srcdoc="<img src=https://a.test/x.png>"></iframe>',
  ])("leaves nothing to load in %s", (html) => {
    expect(localize(html).html).not.toMatch(/a\.test|src="x"/);
  });

  it("names where it would have come from", () => {
    const { hosts } = localize(
      '<img src="https://a.test/x"><iframe srcdoc="<script src=//b.test/y></script>"></iframe>',
    );
    expect(hosts).toEqual(["a.test", "b.test"]);
  });

  it("keeps scripts, links, local pictures, and the body's own attributes", () => {
    const html =
      '<html><head><style>p{background:url(data:image/png;base64,AA)}</style></head><body class="b">' +
      '<a href="https://a.test/">link</a><img src="data:image/gif;base64,AA"><p id="p"></p>' +
      '<script>p.textContent = "https://a.test/";</script></body></html>';
    expect(localize(html)).toEqual({ html, hosts: [] });
  });
});
