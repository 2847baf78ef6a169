/**
 * Lines of a long paragraph that is still growing. A browser lays out all lines of a paragraph for
 * each word that comes; so they hang in boxes, cut where the browser itself breaks the line, so that
 * nobody can tell. In the end the boxes are only spans; those of a paragraph so long that laying it out
 * as one would be felt stay until its width is another.
 */

/** Between two cuts lie at least so many characters. */
const FOLD = 4000;
/** As one, so many characters take half a frame or more. */
const FELT = 60_000;

export class Lines {
  /** The last box, where what comes is put; null as long as there is none. */
  host: HTMLElement | null = null;
  #width = 0;
  #waiting = 0;
  #boxed = 0;
  #observer: ResizeObserver | null = null;

  /**
   * Cuts before the last line of `nodes`, which stand in `element` or its last box for good, and of
   * which `added` characters are new. Returns those that stand in the last box then.
   */
  fold(element: HTMLElement, nodes: ChildNode[], added: number): ChildNode[] {
    this.#waiting += added;
    if (this.#waiting < FOLD || !element.isConnected || !canMeasure()) return nodes;
    const width = element.clientWidth;
    const cut = width > 0 ? cutAtLine(nodes) : null;
    if (cut === null) return nodes;
    this.#waiting = 0;
    // The lines of the boxes are others now.
    if (width !== this.#width) unbox(element);
    this.#width = width;
    this.#boxed += FOLD;
    if (this.host === null) {
      const first = makeBox();
      first.append(...element.childNodes);
      element.append(first);
    }
    this.host = makeBox();
    this.host.append(...cut);
    element.append(this.host);
    return cut;
  }

  /** The paragraph is whole. */
  release(element: HTMLElement | null): void {
    if (this.host === null || element === null || this.#observer !== null) return;
    if (this.#boxed < FELT || typeof ResizeObserver === "undefined") {
      unbox(element);
      return;
    }
    this.#observer = new ResizeObserver(() => {
      if (element.clientWidth === this.#width) return;
      this.#observer?.disconnect();
      unbox(element);
    });
    this.#observer.observe(element);
  }

  /** There are no boxes any more. */
  forget(): void {
    this.#observer?.disconnect();
    this.#observer = null;
    this.host = null;
    this.#waiting = 0;
    this.#boxed = 0;
  }
}

function unbox(element: HTMLElement): void {
  for (const box of element.children) {
    if (box.className === BOX) box.removeAttribute("class");
  }
}

const BOX = "nbagent-lines";

function makeBox(): HTMLElement {
  const box = document.createElement("span");
  box.className = BOX;
  return box;
}

const canMeasure = () => typeof Range !== "undefined" && "getClientRects" in Range.prototype;

/** The nodes from the last line on that begins inside of a plain text of `nodes`. */
function cutAtLine(nodes: readonly ChildNode[]): ChildNode[] | null {
  for (let index = nodes.length - 1; index > 0; index -= 1) {
    const node = nodes[index];
    if (!(node instanceof Text)) continue;
    const offset = lastLineStart(node);
    if (offset > 0) return [node.splitText(offset), ...nodes.slice(index + 1)];
  }
  return null;
}

/** Where the last line that begins in `text` begins; 0 when none does. */
function lastLineStart(text: Text): number {
  const words = [...text.data.matchAll(/ (?=\S)/g)].map(({ index }) => index + 1);
  const last = words.at(-1);
  if (last === undefined) return 0;
  const wanted = topOf(text, last);
  let low = 0;
  let high = words.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (topOf(text, words[middle] as number) < wanted - 1) low = middle + 1;
    else high = middle;
  }
  const found = words[low] as number;
  // The word before it has to stand on another line, and only a space between them.
  return found > 1 && topOf(text, found - 2) < wanted - 1 ? found : 0;
}

function topOf(text: Text, offset: number): number {
  const range = document.createRange();
  range.setStart(text, offset);
  range.setEnd(text, offset + 1);
  return range.getBoundingClientRect().top;
}
