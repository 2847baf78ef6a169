"""Waiting for a page to be at rest, however long it takes, where there is nothing to wait for."""

from playwright.sync_api import Page

# Nothing in the document has changed for some frames, and whatever moves for a while has arrived.
# What goes on for ever (a clock, a spinner) is not waited for.
SETTLED = """async () => {
  const QUIET = 5, MOST = 90;
  const frame = () => new Promise(requestAnimationFrame);
  const rest = () => new Promise((done) => requestIdleCallback(done, { timeout: 300 }));
  let changed = true;
  const observer = new MutationObserver(() => { changed = true; });
  observer.observe(document, { subtree: true, childList: true, characterData: true });
  for (let quiet = 0, all = 0; quiet < QUIET && all < MOST; quiet += 1, all += 1) {
    if (changed) quiet = 0;
    changed = false;
    await frame();
    await rest();
  }
  observer.disconnect();
  const ends = ({ effect }) => effect.getComputedTiming().endTime !== Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
  await frame();
}"""


def settle(page: Page) -> None:
    """Waits until the page has drawn what it was given."""
    page.evaluate(SETTLED)
