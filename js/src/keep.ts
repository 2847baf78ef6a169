/**
 * The static form of the widget in the notebook's file (see `view/saved.ts`). The kernel replaces
 * it by its display id, which a page forgets when it is loaded again: from then on nobody but the
 * widget itself can put the newest one there. It is done where the host's widget manager hands its
 * document on, as JupyterLab's and Notebook's do, and only where what stands there is not the last.
 * Who saves before it has come gets it too: it is put there, and the document is saved once more.
 */
import type { Store } from "./store";
import type { WidgetModel } from "./transport";
import type { Transcript } from "./views";

/** How long nothing may have happened: the kernel's own replacement has come by then. */
const SETTLED_MS = 5000;
/** The same once it is known that the kernel's replacements do not come here. */
const ALONE_MS = 1500;

interface Outputs {
  readonly length: number;
  get(index: number): { readonly data: Readonly<Record<string, unknown>> };
  set(index: number, output: object): void;
}

interface Cells {
  readonly length: number;
  get(index: number): { readonly outputs?: Outputs | null };
}

/** JupyterLab's context of a document, as far as we need it. */
interface Context {
  readonly model?: { readonly cells?: Partial<Cells> };
  readonly saveState?: {
    connect(slot: (sender: unknown, state: unknown) => void): unknown;
    disconnect(slot: (sender: unknown, state: unknown) => void): unknown;
  };
  save?(): Promise<void>;
}

interface Place {
  outputs: Outputs;
  index: number;
  html: string;
}

/** Keeps the static form of `model` in its notebook up to date until `signal` aborts. */
export function keepSaved(model: WidgetModel, store: Store, signal: AbortSignal): void {
  const key = model.get("key");
  const context = contextOf(model.widget_manager);
  const cells = cellsOf(context);
  if (typeof key !== "string" || key === "" || cells === null) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let alone = false;
  const look = async () => {
    if (await replace(key, cells, store)) alone = true;
  };
  const saved = async (_: unknown, state: unknown) => {
    if (!String(state).startsWith("completed") || store.transcript.status !== "idle") return;
    if (await replace(key, cells, store)) await context.save?.();
  };
  context.saveState?.connect(saved);
  const unsubscribe = store.subscribe(() => {
    clearTimeout(timer);
    if (store.transcript.status !== "idle") return;
    timer = setTimeout(() => void look(), alone ? ALONE_MS : SETTLED_MS);
  });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    context.saveState?.disconnect(saved);
    unsubscribe();
  });
}

/** Whether there was something to replace. */
async function replace(key: string, cells: Cells, store: Store): Promise<boolean> {
  const last = lastOf(store.transcript);
  const isOld = ({ html }: Place) => !html.includes(`data-nbagent-at="${last}"`);
  if (store.gone || !places(cells, key).some(isOld)) return false;
  const text = await store.assets.once(`saved/${key}/${last}`).catch(() => null);
  if (text === null) return false;
  const output = { output_type: "display_data", data: JSON.parse(text), metadata: {} };
  for (const { outputs, index } of places(cells, key).filter(isOld)) outputs.set(index, output);
  return true;
}

/** The end of a transcript, as the static form names it. */
export function lastOf({ messages }: Transcript): string {
  const last = messages.at(-1);
  return last === undefined ? "0" : `${messages.length}-${last.id}-${last.state}`;
}

/** Every static form in the notebook: the agent may have been displayed in several cells. */
function places(cells: Cells, key: string): Place[] {
  const found: Place[] = [];
  for (let at = 0; at < cells.length; at += 1) {
    const { outputs } = cells.get(at);
    // A document that was closed meanwhile has its cells still, and no outputs.
    for (let index = 0; outputs && index < outputs.length; index += 1) {
      const html = outputs.get(index).data["text/html"];
      if (typeof html === "string" && html.includes(`data-nbagent-of="${key}"`))
        found.push({ outputs, index, html });
    }
  }
  return found;
}

const contextOf = (manager: unknown): Context =>
  (manager as { context?: Context } | null | undefined)?.context ?? {};

function cellsOf(context: Context): Cells | null {
  const cells = context.model?.cells;
  return typeof cells?.get === "function" ? (cells as Cells) : null;
}
