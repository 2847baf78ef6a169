/**
 * What the program around us (JupyterLab, say) can draw and we cannot: the kernel's other widgets,
 * and MIME types that have a renderer there. anywidget hands its widget manager on; all that is
 * used of it is looked for first, since another host may offer less.
 */
import { cellInserter, type InsertCell } from "./notebook-cells";
import type { Bundle } from "./views";

export interface Host {
  /** Puts a live view of a widget into `place`, until `signal` aborts; false if there is none. */
  mountWidget(modelId: string, place: HTMLElement, signal: AbortSignal): Promise<boolean>;
  /** The best of a bundle's types that the host draws and we do not. */
  preferred(bundle: Bundle): string | undefined;
  /** Puts a bundle into `place` as the host draws it; false if it cannot. */
  mountMime(
    mime: string,
    bundle: Bundle,
    place: HTMLElement,
    signal: AbortSignal,
  ): Promise<boolean>;
  /** Puts code into a new cell of the notebook; undefined where there is none. */
  readonly insertCell: InsertCell | undefined;
  /** Where a file can be fetched that the host has at a path; undefined where it does not say. */
  readonly urlOf: ((path: string) => Promise<string>) | undefined;
}

/** Charts, maps and the like; what is plain, or ours to judge (HTML, scripts), stays with us. */
const FOREIGN = /^(?:application\/(?:vnd\.(?!jupyter\.)|geo)[\w.+-]*json|text\/latex)$/;
const VEGA = /^application\/vnd\.(vega|vegalite)\.v\d+\+json$/;
/** A widget's model may still be on its way when its card is drawn. */
const PATIENCE_MS = 5000;
const AGAIN_MS = 100;

interface LuminoWidget {
  node: HTMLElement;
  dispose?(): void;
  constructor: unknown;
}

interface WidgetView {
  el: HTMLElement;
  remove(): void;
  luminoWidget?: LuminoWidget;
  pWidget?: LuminoWidget;
}

interface Renderer extends LuminoWidget {
  renderModel(model: unknown): Promise<void>;
}

interface RenderMime {
  readonly mimeTypes: readonly string[];
  createRenderer(mime: string): Renderer;
  createModel(options: object): unknown;
  readonly resolver?: { getDownloadUrl?(encoded: string): Promise<string> } | null;
}

interface WidgetManager {
  has_model?(id: string): boolean;
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<WidgetView>;
  rendermime?: RenderMime;
}

/** The host behind a model's widget manager; null where it offers nothing. */
export function hostOf(manager: unknown): Host | null {
  return isManager(manager) ? new ManagerHost(manager) : null;
}

class ManagerHost implements Host {
  readonly #manager: WidgetManager;
  readonly insertCell: InsertCell | undefined;
  readonly urlOf: Host["urlOf"];

  constructor(manager: WidgetManager) {
    this.#manager = manager;
    this.insertCell = cellInserter(manager);
    this.urlOf = urlOf(manager.rendermime);
  }

  async mountWidget(id: string, place: HTMLElement, signal: AbortSignal): Promise<boolean> {
    const model = await this.#model(id, signal);
    if (model === null || signal.aborted) return false;
    const view = await this.#manager.create_view(model);
    if (!(await connected(place, signal))) {
      view.remove();
      return false;
    }
    attach(view.luminoWidget ?? view.pWidget ?? { node: view.el, constructor: null }, place);
    signal.addEventListener("abort", () => view.remove(), { once: true });
    return true;
  }

  preferred(bundle: Bundle): string | undefined {
    return Object.keys(bundle.data).find(
      (mime) => FOREIGN.test(mime) && this.#rendererFor(mime) !== undefined,
    );
  }

  #rendererFor(mime: string): string | undefined {
    const types = this.#manager.rendermime?.mimeTypes ?? [];
    if (types.includes(mime)) return mime;
    // Vega(-Lite)'s charts change little from version to version: an older renderer draws them too.
    const family = VEGA.exec(mime)?.[1];
    return (
      family &&
      types
        .filter((known) => VEGA.exec(known)?.[1] === family)
        .toSorted()
        .at(-1)
    );
  }

  async mountMime(
    mime: string,
    bundle: Bundle,
    place: HTMLElement,
    signal: AbortSignal,
  ): Promise<boolean> {
    const rendermime = this.#manager.rendermime;
    if (rendermime === undefined || !(await connected(place, signal))) return false;
    const known = this.#rendererFor(mime);
    if (known === undefined) return false;
    const renderer = rendermime.createRenderer(known);
    signal.addEventListener("abort", () => renderer.dispose?.(), { once: true });
    const { metadata } = bundle;
    attach(renderer, place);
    const data = { [known]: bundle.data[mime] };
    await renderer.renderModel(rendermime.createModel({ data, metadata, trusted: true }));
    return true;
  }

  async #model(id: string, signal: AbortSignal): Promise<unknown> {
    const { has_model } = this.#manager;
    for (let waited = 0; waited < PATIENCE_MS && !signal.aborted; waited += AGAIN_MS) {
      if (has_model === undefined || has_model.call(this.#manager, id)) break;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
    // A host says in either way that it has no such model.
    return Promise.resolve(this.#manager.get_model(id)).catch(() => null);
  }
}

function isManager(value: unknown): value is WidgetManager {
  if (typeof value !== "object" || value === null) return false;
  const manager = value as Partial<WidgetManager>;
  return typeof manager.get_model === "function" && typeof manager.create_view === "function";
}

function urlOf(rendermime?: RenderMime): Host["urlOf"] {
  const resolver = rendermime?.resolver;
  if (typeof resolver?.getDownloadUrl !== "function") return undefined;
  return async (path) => resolver.getDownloadUrl?.(encodeURIComponent(path)) ?? path;
}

/** Lumino tells a widget that it is in the page only if it is attached in Lumino's own way. */
function attach(widget: LuminoWidget, place: HTMLElement): void {
  const own = (widget.constructor as { attach?: (widget: unknown, place: HTMLElement) => void })
    ?.attach;
  if (typeof own === "function") own(widget, place);
  else place.append(widget.node);
}

/** Waits until `place` is in the page: a view is drawn before its host puts it there. */
async function connected(place: HTMLElement, signal: AbortSignal): Promise<boolean> {
  for (let waited = 0; waited < PATIENCE_MS && !signal.aborted; waited += AGAIN_MS) {
    if (place.isConnected) return true;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return false;
}
