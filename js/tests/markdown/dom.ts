/** Rendering into a detached element, and its HTML without what we add or what is only spacing. */
import { LiveMarkdown } from "../../src/markdown/live";
import { sanitizeModel } from "../../src/markdown/sanitize";

/** The element after `text` was rendered at once. */
export function rendered(text: string): HTMLElement {
  const element = document.createElement("div");
  new LiveMarkdown(element).update(text, true);
  return element;
}

/** The element after `text` was fed up to each of `ends`, and then as a whole. */
export function streamed(text: string, ends: Iterable<number>): HTMLElement {
  const element = document.createElement("div");
  const live = new LiveMarkdown(element);
  for (const end of ends) live.update(text.slice(0, end), false);
  live.update(text, true);
  return element;
}

export function* everyEnd(text: string): Generator<number> {
  for (let end = 1; end <= text.length; end += 1) yield end;
}

/** What is shown of an unfinished `text`. */
export function shown(text: string): HTMLElement {
  const element = document.createElement("div");
  new LiveMarkdown(element).update(text, false);
  return element;
}

const BLOCK =
  /^(?:address|article|blockquote|caption|center|col|colgroup|dd|details|div|dl|dt|figure|h[1-6]|hr|li|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul)$/i;

/** HTML that can be compared: our frames, controls and ids taken off, space between blocks too. */
export function comparable(root: ParentNode & Node): string {
  const copy = document.createElement("div");
  copy.append(root.cloneNode(true));
  if (root instanceof HTMLElement)
    copy.replaceChildren(...(copy.firstElementChild?.childNodes ?? []));
  for (const button of copy.querySelectorAll(".nbagent-image-load")) restoreImage(button);
  for (const box of copy.querySelectorAll(".nbagent-code, .nbagent-table-scroll")) {
    for (const button of box.querySelectorAll("button")) button.remove();
    box.replaceWith(...box.childNodes);
  }
  for (const piece of copy.querySelectorAll(".nbagent-piece, .nbagent-code-piece"))
    piece.replaceWith(...piece.childNodes);
  copy.normalize();
  for (const element of copy.querySelectorAll("*")) clean(element);
  trimBetween(copy);
  return copy.innerHTML;
}

function restoreImage(button: Element): void {
  const image = document.createElement("img");
  image.setAttribute("src", (button as HTMLElement).dataset.source ?? "");
  image.setAttribute("alt", (button as HTMLElement).dataset.label ?? "");
  button.replaceWith(image);
}

function clean(element: Element): void {
  for (const name of ["dir", "tabindex", "aria-label", "title"]) element.removeAttribute(name);
  for (const { name, value } of [...element.attributes].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    element.removeAttribute(name);
    element.setAttribute(name, value.replace(/nbagent-[a-z0-9]{4,}-(?=ref|note)/, "nbagent-"));
  }
  if (element.localName === "code" && element.parentElement?.localName === "pre")
    element.replaceChildren(element.textContent ?? "");
  else if (element.localName === "img" && !element.getAttribute("alt"))
    element.setAttribute("alt", "Image");
}

function trimBetween(parent: Element): void {
  if (parent.closest("pre")) return;
  for (const node of [...parent.childNodes]) {
    if (node instanceof Element) {
      trimBetween(node);
      continue;
    }
    if (!(node instanceof Text)) continue;
    const isEdge = (side: Node | null) =>
      side instanceof Element
        ? BLOCK.test(side.localName)
        : side === null && BLOCK.test(parent.localName);
    if (isEdge(node.previousSibling)) node.data = node.data.trimStart();
    if (isEdge(node.nextSibling)) node.data = node.data.trimEnd();
    if (node.data === "") node.remove();
  }
}

/** What the reference renderer's HTML becomes when it is made safe as a whole. */
export function sanitized(html: string): string {
  const box = document.createElement("div");
  // The last line break would stand in an element that was left open.
  const fragment = sanitizeModel(html.trimEnd());
  for (const image of fragment.querySelectorAll("[data-nbagent-src]")) {
    image.setAttribute("src", image.getAttribute("data-nbagent-src") ?? "");
    image.removeAttribute("data-nbagent-src");
  }
  box.append(fragment);
  return comparable(box);
}
