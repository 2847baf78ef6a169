/** Scripts that a chart needs where the host cannot draw it: asked of the kernel once a page. */

/** Resolved with a script's text; shared by all widgets of the page. */
const known = new Map<string, Promise<string>>();

interface Waiting {
  resolve: (text: string) => void;
  reject: (error: Error) => void;
}

export class Assets {
  readonly #ask: (name: string) => void;
  readonly #waiting = new Map<string, Waiting>();

  constructor(ask: (name: string) => void) {
    this.#ask = ask;
  }

  /** The text of an asset. Rejects when the kernel has none. */
  get(name: string): Promise<string> {
    const asked = known.get(name);
    if (asked !== undefined) return asked;
    const { promise, resolve, reject } = newPromise();
    this.#waiting.set(name, { resolve, reject });
    known.set(name, promise);
    // Another try may do better: the person may have installed what was missing.
    promise.catch(() => known.delete(name));
    this.#ask(name);
    return promise;
  }

  /** Takes what the kernel sent: gzipped text, or nothing. */
  async arrived(name: string, packed: ArrayBufferView<ArrayBuffer> | undefined): Promise<void> {
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    if (packed === undefined) {
      waiting?.reject(new Error(`The kernel has no ${name}.`));
      return;
    }
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    waiting?.resolve(await new Response(stream).text());
  }

  /** Nobody will answer any more. */
  dispose(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error("The widget was closed."));
    this.#waiting.clear();
  }
}

function newPromise(): Waiting & { promise: Promise<string> } {
  let settle: Waiting = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
