/** What the host draws inside a card: the kernel's live widgets, and charts it has a renderer for. */
import type { ComponentChildren } from "preact";
import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Host } from "../host";
import type { Bundle } from "../views";
import { useView } from "./context";

export const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";

type Mount = (host: Host, place: HTMLElement, signal: AbortSignal) => Promise<boolean>;

interface HostedProps {
  /** Draws into the place; another function draws again. */
  mount: Mount;
  /** The name of what is drawn, for tests and styles. */
  kind: "widget" | "chart";
  /** What is shown where the host cannot draw it. */
  children: ComponentChildren;
}

function Hosted({ mount, kind, children }: HostedProps) {
  const { store } = useView();
  const place = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  // A layout effect: Lumino wants to take its widgets out of the page before the page does.
  useLayoutEffect(() => {
    const { current } = place;
    if (store.host === null || current === null) return setFailed(true);
    const abort = new AbortController();
    mount(store.host, current, abort.signal).then(
      (mounted) => setFailed(!mounted && !abort.signal.aborted),
      (error: unknown) => {
        console.error("[nbagent] the host could not draw this", error);
        setFailed(true);
      },
    );
    return () => {
      abort.abort();
      current.replaceChildren();
    };
  }, [mount, store]);
  return (
    <>
      <div
        ref={place}
        class={`nbagent-hosted nbagent-hosted-${kind}`}
        data-nbagent={kind}
        hidden={failed}
      />
      {failed && children}
    </>
  );
}

interface HostedBundleProps {
  bundle: Bundle;
  children: ComponentChildren;
}

/** A widget of the kernel, alive. */
export function LiveWidget({ bundle, children }: HostedBundleProps) {
  const id = widgetId(bundle) ?? "";
  const mount = useCallback<Mount>(
    (host, place, signal) => host.mountWidget(id, place, signal),
    [id],
  );
  return (
    <Hosted key={id} mount={mount} kind="widget">
      {children}
    </Hosted>
  );
}

/** A bundle that the host has a renderer for. */
export function HostChart({ bundle, mime, children }: HostedBundleProps & { mime: string }) {
  const mount = useCallback<Mount>(
    (host, place, signal) => host.mountMime(mime, bundle, place, signal),
    [mime, bundle],
  );
  return (
    <Hosted mount={mount} kind="chart">
      {children}
    </Hosted>
  );
}

/** The id of the widget that a bundle shows, if it shows one. */
export function widgetId(bundle: Bundle): string | undefined {
  const view = bundle.data[WIDGET_MIME];
  if (typeof view !== "object" || view === null || !("model_id" in view)) return undefined;
  return typeof view.model_id === "string" ? view.model_id : undefined;
}
