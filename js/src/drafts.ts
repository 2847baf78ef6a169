/**
 * What the person has written and not sent. It outlives the view it was written in, and what could
 * not be asked comes back to a composer. A composer that is there takes what is given; what nobody
 * takes is kept for the next one.
 */
import type { Attached } from "./attachments";

export interface Draft {
  text: string;
  files: readonly Attached[];
  /** Why it came back; empty where nothing was wrong. */
  problem: string;
}

type Taker = (draft: Draft) => void;

export class Drafts {
  #kept: Draft | null = null;
  readonly #takers: Taker[] = [];

  /** Hands a draft to the composer that came first, or keeps it. */
  give(draft: Draft): void {
    const taker = this.#takers[0];
    if (taker) taker(draft);
    else this.keep(draft);
  }

  /** Keeps what was written in a composer that goes, for the next one. */
  keep(draft: Draft): void {
    if (draft.text.trim() !== "" || draft.files.length > 0) this.#kept = draft;
  }

  /** Takes what is kept, and what is given from now on; the result ends that. */
  take(taker: Taker): () => void {
    this.#takers.push(taker);
    const kept = this.#kept;
    this.#kept = null;
    if (kept) taker(kept);
    return () => {
      this.#takers.splice(this.#takers.indexOf(taker), 1);
    };
  }
}
