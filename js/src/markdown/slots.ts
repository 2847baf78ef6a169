/**
 * Places in HTML for what we put in afterwards by ourselves: maths and footnote references. They are
 * marked with a number drawn anew for each page, which no text can know.
 */
import { mathsElement } from "./maths";
import { SECRET, SLOT } from "./secret";

export type SlotKind = "note" | "maths_inline" | "maths_display";

export class Slots {
  readonly #note: (label: string) => Node;
  readonly #held: { kind: SlotKind; text: string }[] = [];

  /** `note` makes the reference to a footnote. */
  constructor(note: (label: string) => Node) {
    this.#note = note;
  }

  /** The HTML of a place that is filled later. */
  hold(kind: SlotKind, text: string): string {
    this.#held.push({ kind, text });
    return `<span ${SLOT}="${SECRET}:${this.#held.length - 1}"></span>`;
  }

  /** Puts what was held into its places. */
  fill(fragment: DocumentFragment): void {
    if (this.#held.length === 0) return;
    for (const place of fragment.querySelectorAll(`[${SLOT}]`)) {
      const index = Number(place.getAttribute(SLOT)?.split(":")[1]);
      const held = this.#held[index];
      if (held === undefined) continue;
      const { kind, text } = held;
      place.replaceWith(
        kind === "note" ? this.#note(text) : mathsElement(text, kind === "maths_display"),
      );
    }
  }
}
