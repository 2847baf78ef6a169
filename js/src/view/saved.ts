/**
 * A cell that shows the widget has a second output: the transcript without a page, for where the
 * notebook is read later. While a view lives it is hidden, whichever cell it stands in.
 */

/** What the kernel makes keys of; anything else is not put into a style sheet. */
const KEY = /^nbagent-\w+$/;

/** Hides the static outputs of the widget with this `key` until `signal` aborts. */
export function hideSaved(key: unknown, page: Document, signal: AbortSignal): void {
  if (typeof key !== "string" || !KEY.test(key) || signal.aborted) return;
  const saved = `[data-nbagent-of="${key}"]`;
  const style = page.createElement("style");
  // JupyterLab gives each output a prompt's place, which would stay as an empty line. Only the
  // output's own child is looked for: another output may hold one like this deep inside.
  style.textContent =
    `${saved}, .jp-OutputArea-child:has(> .jp-OutputArea-output > ${saved}) ` +
    "{ display: none !important }";
  page.head.append(style);
  signal.addEventListener("abort", () => style.remove(), { once: true });
}
