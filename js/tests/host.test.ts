/** The host's part: found where it is offered, and every view ended with its signal. */
import { describe, expect, it, vi } from "vitest";
import { hostOf } from "../src/host";
import type { Bundle } from "../src/views";

class Lumino {
  node = document.createElement("b");
  dispose = vi.fn();
  static attach(widget: Lumino, place: HTMLElement) {
    place.append(widget.node);
  }
}

function manager(types: string[] = []) {
  const view = { el: document.createElement("i"), luminoWidget: new Lumino(), remove: vi.fn() };
  const renderer = Object.assign(new Lumino(), { renderModel: vi.fn(async () => {}) });
  return {
    view,
    renderer,
    has_model: (id: string) => id === "known",
    get_model: async (id: string) => {
      if (id !== "known") throw new Error("no such model");
      return { id };
    },
    create_view: async () => view,
    rendermime: {
      mimeTypes: types,
      createRenderer: vi.fn(() => renderer),
      createModel: (options: object) => options,
    },
  };
}

const place = () => document.body.appendChild(document.createElement("div"));
const bundle = (...types: string[]): Bundle => ({
  data: Object.fromEntries(types.map((type) => [type, { type }])),
  metadata: {},
});

describe("hostOf", () => {
  it.each([undefined, null, 3, {}, { get_model: () => {} }])("finds nothing in %j", (value) => {
    expect(hostOf(value)).toBeNull();
  });
});

describe("a widget", () => {
  it("is attached in the host's own way and removed with its signal", async () => {
    const made = manager();
    const lifetime = new AbortController();
    const box = place();
    expect(await hostOf(made)?.mountWidget("known", box, lifetime.signal)).toBe(true);
    expect(box.firstChild).toBe(made.view.luminoWidget.node);
    expect(made.view.remove).not.toHaveBeenCalled();
    lifetime.abort();
    expect(made.view.remove).toHaveBeenCalledOnce();
  });

  it("that the page does not have is not shown", async () => {
    vi.useFakeTimers();
    const mounted = hostOf(manager())?.mountWidget("gone", place(), new AbortController().signal);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await mounted).toBe(false);
    vi.useRealTimers();
  });

  it("is given up when its card closes while it is on its way", async () => {
    const made = manager();
    const lifetime = new AbortController();
    const mounted = hostOf(made)?.mountWidget("known", place(), lifetime.signal);
    lifetime.abort();
    expect(await mounted).toBe(false);
  });
});

describe("a MIME type", () => {
  it("of a chart is the host's where it has a renderer, what is ours stays ours", () => {
    const plotly = "application/vnd.plotly.v1+json";
    const all = [plotly, "text/html", "application/json", "image/png", "text/latex"];
    const host = hostOf(manager(all));
    expect(host?.preferred(bundle("text/html", plotly))).toBe(plotly);
    expect(host?.preferred(bundle("text/html", "image/png", "application/json"))).toBeUndefined();
    expect(host?.preferred(bundle("text/latex"))).toBe("text/latex");
    expect(hostOf(manager())?.preferred(bundle(plotly))).toBeUndefined();
  });

  it("of a newer Vega-Lite is drawn by the newest renderer there is", async () => {
    const made = manager(["application/vnd.vegalite.v4+json", "application/vnd.vegalite.v5+json"]);
    const newer = "application/vnd.vegalite.v6+json";
    const lifetime = new AbortController();
    const host = hostOf(made);
    expect(host?.preferred(bundle(newer))).toBe(newer);
    expect(await host?.mountMime(newer, bundle(newer), place(), lifetime.signal)).toBe(true);
    expect(made.rendermime.createRenderer).toHaveBeenCalledWith("application/vnd.vegalite.v5+json");
    expect(made.renderer.renderModel).toHaveBeenCalledWith(
      expect.objectContaining({ data: { "application/vnd.vegalite.v5+json": { type: newer } } }),
    );
    lifetime.abort();
    expect(made.renderer.dispose).toHaveBeenCalledOnce();
  });
});

describe("a file of the host", () => {
  it("is where the host's resolver says, whatever stands in its path", async () => {
    const made = manager();
    const getDownloadUrl = async (path: string) => `/files/${decodeURIComponent(path)}`;
    const rendermime = { ...made.rendermime, resolver: { getDownloadUrl } };
    const host = hostOf({ ...made, rendermime });
    expect(await host?.urlOf?.("in/100% of: it?.csv")).toBe("/files/in/100% of: it?.csv");
  });

  it("is nowhere without one", () => {
    expect(hostOf(manager())?.urlOf).toBeUndefined();
  });
});
