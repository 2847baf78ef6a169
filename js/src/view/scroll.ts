/** Follows the end of a growing log, as long as the reader stays there. */

/** So near to the end counts as the end. */
const NEAR_PX = 24;

export class Follower {
  following = true;
  readonly #box: HTMLElement;
  readonly #onChange: () => void;
  /** Without an observer of sizes, whoever draws has to say when to look. */
  readonly #observed: boolean = typeof ResizeObserver !== "undefined";
  #top = 0;

  /** Watches `box` and its `content` until `signal` aborts; `onChange` hears when following changes. */
  constructor(box: HTMLElement, content: HTMLElement, onChange: () => void, signal: AbortSignal) {
    this.#box = box;
    this.#onChange = onChange;
    box.addEventListener("scroll", () => this.#scrolled(), { passive: true, signal });
    if (!this.#observed) return;
    // Called when all is laid out and nothing is painted yet: to look then costs nothing.
    const observer = new ResizeObserver(() => this.#keep());
    observer.observe(content);
    observer.observe(box);
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** Something was drawn. */
  drawn(): void {
    if (!this.#observed) this.#keep();
  }

  /** Stays at the end if the reader was there. */
  #keep(): void {
    if (this.following) this.toEnd();
  }

  toEnd(): void {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#top = this.#box.scrollTop;
    this.#set(true);
  }

  /** Up is always the reader's own doing; down to the end takes up following again. */
  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const distance = scrollHeight - clientHeight - scrollTop;
    if (scrollTop < this.#top - 1 && distance > 1) this.#set(false);
    else if (distance <= NEAR_PX) this.#set(true);
    this.#top = scrollTop;
  }

  #set(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.#onChange();
  }
}
