/**
 * Link reference definitions of one text. They may come after their use, so it is kept which
 * labels were looked for in vain; and a line that is only tried on must leave no definition behind.
 */
import type { Reference } from "commonmark";

export class References {
  /** What the parser reads and writes. */
  readonly map: Record<string, Reference>;
  /** Labels that were looked up and not found since this was last emptied. */
  readonly missed = new Set<string>();
  /** Labels that were defined since this was last emptied. */
  readonly added = new Set<string>();
  readonly #known = new Map<string, Reference>();
  #trial: Map<string, Reference> | null = null;

  constructor() {
    this.map = new Proxy(Object.create(null) as Record<string, Reference>, {
      get: (_target, label) => this.#get(String(label)),
      set: (_target, label, value: Reference) => this.#set(String(label), value),
    });
  }

  /** From here to the end of the trial definitions are forgotten again. */
  beginTrial(): void {
    this.#trial = new Map();
  }

  endTrial(): void {
    this.#trial = null;
  }

  #get(label: string): Reference | undefined {
    const found = this.#known.get(label) ?? this.#trial?.get(label);
    if (found === undefined) this.missed.add(label);
    return found;
  }

  #set(label: string, reference: Reference): boolean {
    if (this.#trial) {
      this.#trial.set(label, reference);
    } else {
      this.#known.set(label, reference);
      this.added.add(label);
    }
    return true;
  }
}
