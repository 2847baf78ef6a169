/**
 * Which theme the host has, for a view's root: `data-theme`, `data-contrast` and `data-host`. Hosts
 * mark themselves in many ways, and some draw the widget in a shadow root that no selector of ours
 * sees out of; so the marks are read here, and read again whenever they change.
 */

const MARKS = [
  "class",
  "style",
  "theme",
  "data-theme",
  "data-bs-theme",
  "data-color-mode",
  "data-md-color-scheme",
  "data-jp-theme-light",
  "data-jp-theme-name",
  "data-vscode-theme-kind",
];
const DARK = /(?:^|[\s_-])(?:dark|slate|night)(?:$|[\s_-])/i;
const LIGHT = /(?:^|[\s_-])(?:light|default)(?:$|[\s_-])/i;
/** Between these a ground is neither: the palettes would not be readable on it. */
const DARKEST_LIGHT = 0.75;
const LIGHTEST_DARK = 0.06;

type Theme = "light" | "dark";

/** Keeps the marks of `root` in step with the page around it until `signal` aborts. */
export function wearTheme(root: HTMLElement, signal: AbortSignal): void {
  const wear = () => apply(root);
  const observer = new MutationObserver(wear);
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: MARKS });
  }
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
  for (const wish of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    globalThis.matchMedia?.(wish).addEventListener("change", wear, { signal });
  }
  wear();
  // Some hosts put the element into the page only after it was drawn.
  requestAnimationFrame(() => !signal.aborted && wear());
}

function apply(root: HTMLElement): void {
  const around = [...ancestors(root)];
  const marked = first(around, markOf);
  const ground = first(around, groundOf);
  const theme =
    marked ?? ground?.theme ?? (wishes("(prefers-color-scheme: dark)") ? "dark" : "light");
  set(root, "theme", theme);
  set(
    root,
    "contrast",
    around.some(isHighContrast) || wishes("(prefers-contrast: more)") ? "more" : "",
  );
  set(root, "host", around.some(isVsCode) ? "vscode" : "");
  if (ground?.theme === theme) root.style.setProperty("--nbagent-page-bg", ground.colour);
  else root.style.removeProperty("--nbagent-page-bg");
}

/** What holds `element`, out of shadow roots too, up to the document's root. */
function* ancestors(element: Element): Generator<HTMLElement> {
  let at: Node | null = element.parentNode;
  while (at !== null) {
    if (at instanceof HTMLElement) yield at;
    at = at instanceof ShadowRoot ? at.host : at.parentNode;
  }
}

/** The theme that an element says it has. */
function markOf({ dataset, classList, attributes }: HTMLElement): Theme | undefined {
  if (dataset.jpThemeLight !== undefined)
    return dataset.jpThemeLight === "false" ? "dark" : "light";
  const said = ["data-vscode-theme-kind", "data-theme", "data-bs-theme", "data-color-mode"]
    .concat("data-md-color-scheme", "theme")
    .map((name) => attributes.getNamedItem(name)?.value ?? "");
  for (const word of [...said, ...[...classList].filter(isThemeClass)]) {
    if (DARK.test(word) || /high-contrast$/.test(word)) return "dark";
    if (LIGHT.test(word)) return "light";
  }
  return undefined;
}

const isThemeClass = (name: string) =>
  /^(?:(?:vscode|theme|jp)-)?(?:dark|light|high-contrast|high-contrast-light)(?:-(?:theme|mode))?$/.test(
    name,
  );

const isHighContrast = ({ dataset, classList }: HTMLElement) =>
  /high.?contrast/i.test(`${dataset.jpThemeName} ${dataset.vscodeThemeKind}`) ||
  classList.contains("vscode-high-contrast");

const isVsCode = ({ dataset, classList }: HTMLElement) =>
  dataset.vscodeThemeKind !== undefined ||
  /(?:^|\s)vscode-(?:dark|light|high)/.test(classList.value);

/** The opaque colour that an element is painted with, and which theme that makes. */
function groundOf(element: HTMLElement): { colour: string; theme: Theme } | undefined {
  const colour = getComputedStyle(element).backgroundColor;
  const [red, green, blue, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  if (!colour.startsWith("rgb") || red === undefined || green === undefined || blue === undefined) {
    return undefined;
  }
  if (alpha < 1) return undefined;
  const light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  if (light > DARKEST_LIGHT) return { colour, theme: "light" };
  return light < LIGHTEST_DARK ? { colour, theme: "dark" } : undefined;
}

function linear(channel: number): number {
  return (channel / 255) ** 2.2;
}

function first<T>(elements: readonly HTMLElement[], read: (element: HTMLElement) => T | undefined) {
  for (const element of elements) {
    const found = read(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

const wishes = (query: string) => globalThis.matchMedia?.(query).matches ?? false;

function set(root: HTMLElement, name: string, value: string): void {
  if (value === "") delete root.dataset[name];
  else root.dataset[name] = value;
}
