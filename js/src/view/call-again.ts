/** A call made again: when it can be, how it is asked for, and where the focus goes meanwhile. */
import { callOf } from "../transcript";
import type { Call, CallState, Transcript } from "../views";
import { useView, type ViewContext } from "./context";
import { usePicked } from "./subscribe";

const OVER: readonly CallState[] = ["done", "failed", "denied", "cancelled", "interrupted"];
/** How long the new card is waited for: whoever waits longer has turned to something else. */
const PATIENCE_MS = 10_000;

/** Where a call stands: the message, and which of its calls it is. What is before it stays. */
interface Place {
  id: string;
  message: number;
  call: number;
  at: number;
}

/** The call of a view that is on its way to be made again. */
const pressed = new WeakMap<ViewContext, Place>();

export interface Again {
  /** Whether nothing else goes on. */
  idle: boolean;
  run: () => void;
}

/** What makes a call again, or null: it is not over, another agent's, or its tool is no more. */
export function useCallAgain({ tool_call_id, name, state }: Call, nested: boolean): Again | null {
  const view = useView();
  const { store, announce } = view;
  const { status, offers } = usePicked(store, (now) => [now.status, now.offers]);
  const offered = offers?.tools.some((tool) => tool.name === name);
  if (nested || store.gone || !OVER.includes(state) || !offered) return null;
  const run = () => {
    const place = placeOf(store.transcript, tool_call_id);
    if (place === null || store.transcript.status !== "idle" || waits(view, tool_call_id)) return;
    pressed.set(view, place);
    announce(`Retrying ${name}`);
    store.outbox.request({ type: "call_again", tool_call_id }, ({ ok, text }) => {
      if (!ok) pressed.delete(view);
      store.say(ok, text);
    });
  };
  return { idle: status === "idle", run };
}

/** Puts the focus on a card that has come in the place of the one that was retried. */
export function arrive(view: ViewContext, tool_call_id: string, header: HTMLElement | null): void {
  const wanted = pressed.get(view);
  if (wanted === undefined || wanted.id === tool_call_id) return;
  const place = placeOf(view.store.transcript, tool_call_id);
  if (place?.message !== wanted.message || place.call !== wanted.call) return;
  pressed.delete(view);
  if (place.at - wanted.at < PATIENCE_MS) header?.focus();
}

/** Whether a call was pressed just now. A run that never began must not keep it from being retried. */
function waits(view: ViewContext, id: string): boolean {
  const wanted = pressed.get(view);
  return wanted?.id === id && performance.now() - wanted.at < PATIENCE_MS;
}

function placeOf(transcript: Transcript, id: string): Place | null {
  if (callOf(transcript, id) === undefined) return null;
  for (const [message, { parts }] of transcript.messages.entries()) {
    const calls = parts.flatMap((part) => (part.kind === "call" ? [part.tool_call_id] : []));
    const call = calls.indexOf(id);
    if (call >= 0) return { id, message, call, at: performance.now() };
  }
  return null;
}
