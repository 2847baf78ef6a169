/** Tool-made HTML, sanitized, in a shadow root: its styles stay inside, the page's stay out. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { decorateImages, onDecorationClick } from "../markdown/decorate";
import { sanitizeTool } from "../markdown/sanitize";
import { SHADOW_STYLE } from "./shadow-style";

/** Whether sanitizing leaves anything to see: a chart made of scripts alone leaves nothing. */
export function hasContent(html: string): boolean {
  const fragment = sanitizeTool(html);
  for (const style of fragment.querySelectorAll("style")) style.remove();
  const media = fragment.querySelector("img, svg, table, math, hr, [data-nbagent-src]");
  return media !== null || (fragment.textContent ?? "").trim() !== "";
}

const MAY_NEED_FRAME = /<(?:script|iframe|audio|video|object|embed)\b/i;

/** Whether a piece of HTML is more than a document: it is shown in a frame, where it can run. */
export function needsFrame(html: string): boolean {
  if (!MAY_NEED_FRAME.test(html)) return false;
  // A document that is parsed only runs nothing and loads nothing.
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return parsed.querySelector("script, iframe, audio, video, object, embed") !== null;
}

/** The box around it contains layout and paint, so that nothing inside can cover the chat. */
export function ShadowHtml({ html }: { html: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (host.current === null) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = SHADOW_STYLE;
    const content = decorateImages(sanitizeTool(html));
    root.replaceChildren(style, content);
    const abort = new AbortController();
    root.addEventListener("click", (event) => onDecorationClick(event, () => {}), abort);
    return () => abort.abort();
  }, [html]);
  return (
    <section class="nbagent-contained" tabIndex={0} aria-label="HTML result">
      <div ref={host} />
    </section>
  );
}
