/** The keys pressed inside a view are its own, not the notebook's shortcuts; but for saving. */

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
