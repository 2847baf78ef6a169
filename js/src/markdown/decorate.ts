/**
 * What we add to sanitized Markdown: a frame with a Copy button around code, a scroll box around
 * tables, a button in the place of a remote image. Clicks are handled where the blocks hang.
 */
import { REMOTE_SOURCE } from "./sanitize";

/** Adds our controls to `fragment`, in place. */
export function decorate(fragment: DocumentFragment): DocumentFragment {
  for (const pre of fragment.querySelectorAll("pre")) decorateCode(pre);
  for (const table of fragment.querySelectorAll("table")) wrap(table, "nbagent-table-scroll");
  for (const box of fragment.querySelectorAll("input")) box.setAttribute("disabled", "");
  return decorateImages(fragment);
}

/** Puts a button in the place of every remote image in `fragment`. */
export function decorateImages(fragment: DocumentFragment): DocumentFragment {
  for (const image of fragment.querySelectorAll(`[${REMOTE_SOURCE}]`)) holdImage(image);
  return fragment;
}

/** Handles a click on one of the controls added above. */
export function onDecorationClick(event: Event, copy: (text: string) => void): void {
  const target = event.target instanceof Element ? event.target.closest("button") : null;
  if (target === null) return;
  if (target.classList.contains("nbagent-code-copy")) {
    copy(target.parentElement?.querySelector("code")?.textContent ?? "");
    target.classList.add("nbagent-copied");
    setTimeout(() => target.classList.remove("nbagent-copied"), 1500);
  } else if (target.classList.contains("nbagent-image-load")) {
    loadImage(target);
  }
}

function wrap(element: Element, className: string): HTMLElement {
  const box = element.ownerDocument.createElement("div");
  box.className = className;
  element.replaceWith(box);
  box.append(element);
  return box;
}

/** The language stands in an attribute, drawn by CSS: what is read as text is the code alone. */
function decorateCode(pre: Element): void {
  const language = /language-([\w+#.-]+)/.exec(pre.querySelector("code")?.className ?? "")?.[1];
  const box = wrap(pre, "nbagent-code");
  box.dataset.language = language ?? "";
  pre.setAttribute("tabindex", "0");
  const button = box.ownerDocument.createElement("button");
  button.type = "button";
  button.className = "nbagent-code-copy";
  button.setAttribute("aria-label", "Copy code");
  box.append(button);
}

function holdImage(image: Element): void {
  const source = image.getAttribute(REMOTE_SOURCE) ?? "";
  const button = image.ownerDocument.createElement("button");
  button.type = "button";
  button.className = "nbagent-image-load";
  button.dataset.source = source;
  const label = image.getAttribute("alt") || "Image";
  button.dataset.label = label;
  button.textContent = `${label}: load from ${hostOf(source)}`;
  image.replaceWith(button);
}

function loadImage(button: HTMLElement): void {
  const image = button.ownerDocument.createElement("img");
  image.referrerPolicy = "no-referrer";
  image.alt = button.dataset.label ?? "";
  image.src = button.dataset.source ?? "";
  button.replaceWith(image);
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : "another site";
}
