/**
 * What we add to Markdown by ourselves: a frame with buttons around code, a scroll box around tables,
 * a button in the place of a remote image. Clicks are handled where the text hangs.
 */
import { isInsertable } from "./insertable";
import { REMOTE_SOURCE } from "./sanitize";

type Copy = (text: string) => void;
/** Puts code into a new cell; only hosts that can do it give this. */
export type Insert = ((code: string, language: string) => void) | undefined;

/** Adds our controls to `fragment`, which comes from raw HTML, in place. */
export function decorate(fragment: DocumentFragment): DocumentFragment {
  for (const pre of fragment.querySelectorAll("pre")) {
    if (pre.closest(".nbagent-code")) continue;
    const code = pre.firstElementChild;
    const language = /language-([\w+#.-]+)/.exec(code?.className ?? "")?.[1];
    const { frame, pre: made } = codeFrame(language ?? "", false);
    pre.replaceWith(frame);
    made.replaceWith(pre);
    pre.setAttribute("tabindex", "0");
  }
  for (const table of fragment.querySelectorAll("table")) {
    const box = tableFrame();
    table.replaceWith(box);
    box.append(table);
  }
  for (const box of fragment.querySelectorAll("input")) box.setAttribute("disabled", "");
  return decorateImages(fragment);
}

/** Puts a button in the place of every remote image in `fragment`. */
export function decorateImages(fragment: DocumentFragment): DocumentFragment {
  for (const image of fragment.querySelectorAll(`[${REMOTE_SOURCE}]`)) holdImage(image);
  return fragment;
}

/** An empty box for code. The language is drawn by CSS: what is read as text is the code alone. */
export function codeFrame(language: string, insert: boolean) {
  const frame = document.createElement("div");
  frame.className = "nbagent-code";
  frame.dataset.language = language;
  // Code runs from left to right, whatever is spoken around it.
  frame.dir = "ltr";
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  const code = document.createElement("code");
  if (/^[\w+#.-]+$/.test(language)) code.className = `language-${language}`;
  pre.append(code);
  // In the order in which they are seen: the buttons stand in the line above the code.
  if (insert && isInsertable(language))
    frame.append(codeButton("nbagent-code-insert", "Insert as a new cell"));
  frame.append(codeButton("nbagent-code-copy", "Copy code"), pre);
  return { frame, pre, code };
}

function codeButton(className: string, label: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.title = label;
  button.setAttribute("aria-label", label);
  return button;
}

/** A box in which a wide table scrolls by itself; it is reached by keyboard, as all that scrolls. */
export function tableFrame(): HTMLElement {
  const box = document.createElement("div");
  box.className = "nbagent-table-scroll";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Table");
  return box;
}

/** Handles a click on one of the controls added above. */
export function onDecorationClick(event: Event, copy: Copy, insert?: Insert): void {
  const target = event.target instanceof Element ? event.target : null;
  const note = target?.closest<HTMLElement>("a[data-nbagent-to]");
  if (note) {
    // The address bar is the notebook's.
    event.preventDefault();
    goTo(note);
    return;
  }
  const button = target?.closest("button");
  if (button) onButton(button, copy, insert);
}

function onButton(button: HTMLElement, copy: Copy, insert: Insert): void {
  const code = () => button.parentElement?.querySelector("code")?.textContent ?? "";
  if (button.classList.contains("nbagent-code-copy")) {
    copy(code());
    button.classList.add("nbagent-copied");
    setTimeout(() => button.classList.remove("nbagent-copied"), 1500);
  } else if (button.classList.contains("nbagent-code-insert")) {
    insert?.(code(), button.parentElement?.dataset.language ?? "");
    button.classList.add("nbagent-copied");
    setTimeout(() => button.classList.remove("nbagent-copied"), 1500);
  } else if (button.classList.contains("nbagent-image-load")) {
    loadImage(button);
  }
}

function goTo(link: HTMLElement): void {
  const root = link.getRootNode() as Document | ShadowRoot;
  const target = root.getElementById(link.dataset.nbagentTo ?? "");
  target?.scrollIntoView({ block: "nearest" });
  target?.focus({ preventScroll: true });
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
