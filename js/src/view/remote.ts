/**
 * What a piece of HTML would load from elsewhere, taken out of it. A frame's policy would refuse
 * all that too; but what is not even tried leaves no broken pictures and no scripts that wait. What
 * scripts try by themselves is left to the policy.
 */

/** Attributes that load by themselves; a link's address waits for a click. */
const LOADS = ["src", "srcset", "href", "xlink:href", "poster", "data", "background", "action"];
const LOCAL = /^\s*(?:data:|blob:|about:|#)/i;
const CSS_ADDRESS = /url\(\s*(?!["']?(?:data:|blob:|#))[^)]*\)/gi;
const CSS_IMPORT = /@import[^;]*;?/gi;
const ADDRESS = /https?:\/\/[^\s"'()<>,]+/gi;

/** In a frame's frame too, errors are told to the one around it. */
export const TELLS_ERRORS = `<script>addEventListener("error", (event) => {
  event.preventDefault(); parent.postMessage({ nbagentError: String(event.message) }, "*"); });
addEventListener("unhandledrejection", (event) => {
  event.preventDefault(); parent.postMessage({ nbagentError: String(event.reason) }, "*"); });</script>`;

export interface Localized {
  html: string;
  /** Where what was taken out would have come from. */
  hosts: readonly string[];
}

/** `html` with nothing in it that loads by itself. */
export function localize(html: string): Localized {
  const page = new DOMParser().parseFromString(html, "text/html");
  const hosts = new Set<string>();
  for (const element of page.querySelectorAll("*")) localizeElement(element, hosts);
  return { html: page.documentElement.outerHTML, hosts: [...hosts] };
}

function localizeElement(element: Element, hosts: Set<string>): void {
  const tag = element.localName;
  if (tag === "base" || (tag === "meta" && element.hasAttribute("http-equiv"))) {
    note(element.getAttribute("content") ?? "", hosts);
    element.remove();
    return;
  }
  if (tag === "style") element.textContent = withoutAddresses(element.textContent ?? "", hosts);
  for (const { name, value } of [...element.attributes]) {
    if (name === "style") element.setAttribute(name, withoutAddresses(value, hosts));
    else if (name === "srcdoc") element.setAttribute(name, localizeFrame(value, hosts));
    else if (LOADS.includes(name) && tag !== "a" && !LOCAL.test(value)) {
      note(value, hosts);
      element.removeAttribute(name);
    }
  }
}

function localizeFrame(html: string, hosts: Set<string>): string {
  const inner = localize(html);
  for (const host of inner.hosts) hosts.add(host);
  return TELLS_ERRORS + inner.html;
}

function withoutAddresses(css: string, hosts: Set<string>): string {
  const take = (found: string) => {
    note(found, hosts);
    return found.startsWith("@") ? "" : "none";
  };
  return css.replace(CSS_IMPORT, take).replace(CSS_ADDRESS, take);
}

function note(text: string, hosts: Set<string>): void {
  const addresses = text.startsWith("//") ? [`https:${text}`] : (text.match(ADDRESS) ?? []);
  for (const address of addresses) if (URL.canParse(address)) hosts.add(new URL(address).host);
}
