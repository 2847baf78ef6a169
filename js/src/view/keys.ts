/** The keys pressed inside a view are its own, not the notebook's shortcuts; but for saving. */

/**
 * Takes the focus back to the notebook: to the nearest thing around the view that can have it, its
 * cell in JupyterLab. Tab alone leads past the cells there.
 */
export function leave(view: Element): void {
  let outside = view.closest(".nbagent-root")?.parentElement;
  while (outside && !outside.hasAttribute("tabindex")) outside = outside.parentElement;
  outside?.focus({ preventScroll: true });
}

/** Keeps `event` from the notebook. Saving is passed on: it would open the browser's own dialog. */
export function keepKey(event: KeyboardEvent): void {
  event.stopPropagation();
  const saves =
    (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
  if (!saves || event.type !== "keydown" || event.defaultPrevented) return;
  const outside = (event.currentTarget as Element | null)?.closest(".nbagent-root")?.parentElement;
  if (!outside) return;
  const { key, code, keyCode, ctrlKey, metaKey, shiftKey } = event;
  const told = { key, code, keyCode, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true };
  const passed = new KeyboardEvent("keydown", told);
  // Nobody took it: then it is the browser's.
  if (!outside.dispatchEvent(passed)) event.preventDefault();
}
