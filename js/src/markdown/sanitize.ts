/**
 * The one door for HTML that a model, a tool or an exception had a hand in. Two strengths: what a
 * model writes (prose: no style, no ids, no forms) and what a tool displays (tables with their own
 * style, charts), which lives in a shadow root. Neither can run code or load anything by itself.
 */
import createDOMPurify, { type Config, type UponSanitizeAttributeHookEvent } from "dompurify";
import { SAFE_LINK } from "./html";
import { isOwnSlot, SLOT } from "./secret";

const MODEL_TAGS =
  "a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var wbr".split(
    " ",
  );
const MODEL_ATTRIBUTES =
  "align alt checked class colspan dir disabled height href lang open reversed rowspan scope src start title type width".split(
    " ",
  );

const SAFE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/i;
const OWN_CLASS = /^(?:hljs(?:-[\w-]+)?|language-[\w+#.-]+)$/;
/** Ways for CSS to fetch something; a backslash could spell any of them. */
const CSS_LOADS = /url\s*\(|image\s*\(|image-set|cross-fade|src\s*\(|@import|@namespace|\\/i;
const LOCAL_REFERENCE = /^url\(\s*["']?#[\w-]+["']?\s*\)$/i;

const MODEL: Config = {
  ALLOWED_TAGS: MODEL_TAGS,
  ALLOWED_ATTR: MODEL_ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOW_UNKNOWN_PROTOCOLS: false,
  RETURN_DOM_FRAGMENT: true,
};

const TOOL: Config = {
  USE_PROFILES: { html: true, svg: true, svgFilters: true, mathMl: true },
  ADD_TAGS: ["style"],
  FORBID_TAGS: [
    "form",
    "button",
    "textarea",
    "select",
    "option",
    "datalist",
    "dialog",
    "audio",
    "video",
    "source",
    "track",
    "picture",
    "marquee",
  ],
  FORBID_ATTR: [
    "background",
    "srcset",
    "poster",
    "ping",
    "popover",
    "popovertarget",
    "autofocus",
    "tabindex",
    "contenteditable",
    "draggable",
    "accesskey",
    "slot",
    "is",
    "part",
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: true,
  FORCE_BODY: true,
  RETURN_DOM_FRAGMENT: true,
};

const MATHS: Config = { USE_PROFILES: { mathMl: true }, RETURN_DOM_FRAGMENT: true };
/** What the typesetter itself writes: lengths, colours and the like, by name; nothing is placed. */
const MATHS_STYLE =
  /^(?:\s*(?:color|background-color|border(?:-\w+)*|padding(?:-\w+)*|margin(?:-\w+)*|width|height|font-\w+|math-\w+|text-\w+|vertical-align|display|line-height|font)\s*:\s*[-\w.#%,\s]*;?)*$/i;

type Purify = ReturnType<typeof createDOMPurify>;

let modelPurify: Purify | undefined;
let toolPurify: Purify | undefined;
let mathsPurify: Purify | undefined;

/** Model-written HTML as a fragment that is safe in the page. */
export function sanitizeModel(html: string): DocumentFragment {
  modelPurify ??= makePurify(modelAttribute);
  return clean(modelPurify, html, MODEL);
}

/** Tool-made HTML as a fragment that is safe inside a shadow root. */
export function sanitizeTool(html: string): DocumentFragment {
  toolPurify ??= makePurify(toolAttribute);
  return clean(toolPurify, html, TOOL);
}

/** The typesetter's MathML. Its words come from the model, its elements from us: links are not. */
export function sanitizeMaths(mathml: string): DocumentFragment {
  mathsPurify ??= makePurify((_element, event) => {
    if (event.attrName === "style") event.keepAttr = MATHS_STYLE.test(event.attrValue);
    else if (/^(?:href|xlink:href|src|id|name)$/.test(event.attrName)) event.keepAttr = false;
  });
  return clean(mathsPurify, mathml, MATHS);
}

/** A frameset makes a document without a body, of which nothing would be left. */
function clean(purify: Purify, html: string, config: Config): DocumentFragment {
  const sanitize = (text: string) =>
    purify.sanitize(text, config) as unknown as DocumentFragment | null;
  const words = () => sanitize(html.replace(/<(\/?)frameset\b/gi, "<$1div"));
  return sanitize(html) ?? words() ?? document.createDocumentFragment();
}

type AttributeHook = (element: Element, event: UponSanitizeAttributeHookEvent) => void;

function makePurify(attribute: AttributeHook): Purify {
  const purify = createDOMPurify(window);
  purify.addHook("uponSanitizeAttribute", (element, event) => {
    attribute(element, event);
    commonAttribute(element, event);
  });
  purify.addHook("afterSanitizeAttributes", finishElement);
  return purify;
}

/** Classes only as our own highlighter writes them: a host's classes could place things anywhere. */
function modelAttribute(_element: Element, event: UponSanitizeAttributeHookEvent): void {
  if (event.attrName !== "class") return;
  const kept = event.attrValue.split(/\s+/).filter((name) => OWN_CLASS.test(name));
  event.attrValue = kept.join(" ");
  event.keepAttr = kept.length > 0;
}

function toolAttribute(element: Element, event: UponSanitizeAttributeHookEvent): void {
  const { attrName: name, attrValue: value } = event;
  if (name === "style" && CSS_LOADS.test(value)) event.keepAttr = false;
  const isSvg = element.namespaceURI?.endsWith("/svg") ?? false;
  if (isSvg && /url|\\/i.test(value) && !LOCAL_REFERENCE.test(value.trim())) event.keepAttr = false;
}

function commonAttribute(element: Element, event: UponSanitizeAttributeHookEvent): void {
  const { attrName: name, attrValue: value } = event;
  if (name === "href" || name === "xlink:href") {
    const isLink = element.nodeName.toLowerCase() === "a";
    const allowed = isLink
      ? SAFE_LINK.test(value)
      : value.startsWith("#") || SAFE_IMAGE.test(value);
    if (!allowed) event.keepAttr = false;
  } else if (name === "src") {
    // A remote image would tell its host that this was read: it waits for a click (decorate.ts).
    if (!SAFE_IMAGE.test(value)) event.keepAttr = false;
    if (/^https?:\/\//i.test(value)) element.setAttribute(REMOTE_SOURCE, value);
  } else if (name === SLOT) {
    event.forceKeepAttr = isOwnSlot(value);
  } else if (name === REMOTE_SOURCE) {
    event.forceKeepAttr = /^https?:\/\//i.test(value);
  }
}

/** Carries a remote image's address from here to decorate.ts. */
export const REMOTE_SOURCE = "data-nbagent-src";

function finishElement(element: Element): void {
  const tag = element.nodeName.toLowerCase();
  if (tag === "a" && element.hasAttribute("href")) {
    element.setAttribute("target", "_blank");
    element.setAttribute("rel", "noopener noreferrer");
  } else if (tag === "input" && element.getAttribute("type") !== "checkbox") {
    element.remove();
  } else if (
    tag === "img" &&
    // Without an address its words are shown.
    !element.getAttribute("alt") &&
    !element.hasAttribute("src") &&
    !element.hasAttribute(REMOTE_SOURCE)
  ) {
    element.remove();
  } else if (tag === "style" && CSS_LOADS.test(element.textContent ?? "")) {
    element.remove();
  }
}
