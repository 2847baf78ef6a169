import { describe, expect, it } from "vitest";
import { fillPanel } from "../../src/view/own-panel";

const MARKED = "[data-nbagent-holds]";

/** A host's page around `views` places of views, in a box of this class. */
function page(panel: string, views = 1): HTMLElement[] {
  const child = `<div class="child"><p class="prompt"></p><div class="out"><b></b></div></div>`;
  document.body.innerHTML = `<main><div class="${panel}"><div class="area">${child.repeat(views)}
    <div class="child other"></div></div></div></main>`;
  return [...document.querySelectorAll("b")].map((place) => {
    const root = document.createElement("div");
    place.replaceWith(root);
    return root;
  });
}

const marked = () => [...document.querySelectorAll(MARKED)].map(({ classList }) => classList[0]);

describe("a view that has a panel to itself", () => {
  it.each(["jupyterlab-sidecar", "jp-LinkedOutputView"])("in %s fills it", (panel) => {
    const [root] = page(panel);
    const life = new AbortController();
    fillPanel(root as HTMLElement, life.signal);
    expect(marked()).toEqual([panel, "area", "child", "out"]);
    life.abort();
    expect(marked()).toEqual([]);
  });

  it("leaves to a second one what that one needs", () => {
    const [first, second] = page("jp-LinkedOutputView", 2) as [HTMLElement, HTMLElement];
    const life = new AbortController();
    fillPanel(first, life.signal);
    fillPanel(second, new AbortController().signal);
    life.abort();
    expect(marked()).toEqual(["jp-LinkedOutputView", "area", "child", "out"]);
    expect(second.closest(".child")?.hasAttribute("data-nbagent-holds")).toBe(true);
  });

  it("is none in a notebook", () => {
    const [root] = page("jp-Notebook");
    fillPanel(root as HTMLElement, new AbortController().signal);
    expect(marked()).toEqual([]);
  });
});
