/** Scripts that are too large for the bundle: asked of the kernel once a page, when needed. */

interface Known {
  /** By name: a script's text. */
  texts: Map<string, Promise<string>>;
  /** By name: a script run as a module. */
  modules: Map<string, Promise<unknown>>;
}

/**
 * Shared by all widgets of the page. Each of them comes with a copy of this module, so a variable of
 * it would not do. The number changes when a script's exports do.
 */
const SHARED = Symbol.for("nbagent.assets.1");

/** How long another widget's kernel may take to answer for us too. */
const PATIENCE_MS = 4000;

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
    const asked = known().texts.get(name);
    if (asked === undefined) return this.#request(name);
    if (this.#waiting.has(name)) return asked;
    // The widget that asked may be closed before the answer comes, or its kernel may be gone.
    const again = () => {
      const now = known().texts.get(name);
      return now === undefined || now === asked ? this.#request(name) : now;
    };
    return within(asked, PATIENCE_MS).catch(again);
  }

  /** The exports of an asset that is a module. Rejects when the kernel has none. */
  async module<T>(name: string): Promise<T> {
    const text = await this.get(name);
    const { modules } = known();
    const loaded = modules.get(name) ?? importText(text);
    modules.set(name, loaded);
    return loaded as Promise<T>;
  }

  /** The text of what is another one each time: nobody keeps it. */
  async once(name: string): Promise<string> {
    try {
      return await this.#request(name);
    } finally {
      known().texts.delete(name);
    }
  }

  #request(name: string): Promise<string> {
    const { promise, resolve, reject } = newPromise();
    this.#waiting.set(name, { resolve, reject });
    const { texts } = known();
    texts.set(name, promise);
    // Another try may do better: the person may have installed what was missing.
    promise.catch(() => texts.get(name) === promise && texts.delete(name));
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
    const closed = new DOMException("The widget was closed.", "AbortError");
    for (const { reject } of this.#waiting.values()) reject(closed);
    this.#waiting.clear();
  }
}

/** Says on the console what is missing without an asset, unless it is only that the widget is closed. */
export function warnWithout(words: string, error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  console.warn(`[nbagent] ${words}`, error);
}

function known(): Known {
  const page = globalThis as { [SHARED]?: Known };
  page[SHARED] ??= { texts: new Map(), modules: new Map() };
  return page[SHARED];
}

async function importText(text: string): Promise<unknown> {
  const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** `promise`, or a rejection once `limit` ms have passed. */
function within<T>(promise: Promise<T>, limit: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), limit);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function newPromise(): Waiting & { promise: Promise<string> } {
  let settle: Waiting = { resolve: () => {}, reject: () => {} };
  const promise = new Promise<string>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}
