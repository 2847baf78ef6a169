/**
 * The widget as anywidget wants it: a function called once for each model. `initialize` owns the
 * model's store and transport, `render` only mounts a view of them; both end with their signal.
 */
import "./css/index.css";
import { h, render as mount } from "preact";
import { keepSaved } from "./keep";
import { watchView } from "./liveness";
import { Store } from "./store";
import { connect, type WidgetModel } from "./transport";
import { Chat } from "./view/chat";
import { keepFocus } from "./view/focus";
import { fillPanel } from "./view/own-panel";
import { hideSaved } from "./view/saved";
import { wearTheme } from "./view/theme";

interface InitializeProps {
  model: WidgetModel;
  /** Missing before anywidget 0.11 and in some other hosts: they call the returned cleanup. */
  signal?: AbortSignal;
}

interface RenderProps extends InitializeProps {
  el: HTMLElement;
}

type Cleanup = () => void;

export default function createWidget() {
  let store: Store | null = null;

  function initialize({ model, signal }: InitializeProps): Cleanup {
    const lifetime = owned(signal);
    store = new Store();
    connect(model, store, lifetime.signal);
    keepSaved(model, store, lifetime.signal);
    return () => lifetime.abort();
  }

  function render({ model, el, signal }: RenderProps): Cleanup {
    const lifetime = owned(signal);
    // A host that never calls initialize gets a store that lives as long as its one view.
    if (store === null) initialize({ model, signal: lifetime.signal });
    const root = document.createElement("div");
    root.className = "nbagent-root";
    el.append(root);
    wearTheme(root, lifetime.signal);
    keepFocus(root, lifetime.signal);
    fillPanel(root, lifetime.signal);
    hideSaved(model.get("key"), el.ownerDocument, lifetime.signal);
    const shown = store as unknown as Store;
    watchView(el, () => shown.lose(), lifetime.signal);
    mount(h(Chat, { store: shown }), root);
    lifetime.signal.addEventListener("abort", () => {
      mount(null, root);
      root.remove();
    });
    return () => lifetime.abort();
  }

  return { initialize, render };
}

/** A controller that also ends with `signal`. */
function owned(signal: AbortSignal | undefined): AbortController {
  const controller = new AbortController();
  if (signal?.aborted) controller.abort();
  signal?.addEventListener("abort", () => controller.abort(), { signal: controller.signal });
  return controller;
}
