/**
 * The live region: says what changed, for people who hear the page. Sentences of the answer as they
 * are finished, states of calls, what needs the person; gathered and paced by `Speaker`.
 */
import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Store } from "../store";
import { callOf } from "../transcript";
import type { Call, Message, Transcript } from "../views";
import { isCut, SOURCE, speakable } from "./sentences";
import type { Saying, Speaker } from "./speaker";
import { stateWords, wantsSomebody } from "./tool-card";

/** States of a call that are worth a word. */
const SPOKEN = ["running", "done", "failed", "denied", "interrupted"];

/** What there is to say about the step from one transcript to the next. */
export function describeChange(before: Transcript, after: Transcript): Saying[] {
  // More than a question and its answer at once is a conversation that was loaded.
  const loaded = after.messages.length - before.messages.length > 2;
  if (before === after) return [];
  const calls = describeCalls(before, after, loaded);
  return loaded ? calls : [...calls, ...describeAnswer(before, after)];
}

function describeCalls(before: Transcript, after: Transcript, loaded: boolean): Saying[] {
  if (before.calls === after.calls) return [];
  return Object.values(after.calls).flatMap((call) => {
    const known = callOf(before, call.tool_call_id);
    if (known === call || (loaded && !wantsSomebody(call))) return [];
    return describeCall(known, call);
  });
}

function describeCall(known: Call | undefined, call: Call): Saying[] {
  const { name, state, question } = call;
  if (question && question.question !== known?.question?.question) {
    return [{ text: `The agent asks: ${speakable(question.question, true)}` }];
  }
  if (known?.state === state) return [];
  if (state === "awaiting-approval") return [{ text: `${name} needs your approval` }];
  if (!SPOKEN.includes(state)) return [];
  const words = stateWords(state);
  return [{ text: `${name}: ${words}`, call: words }];
}

function describeAnswer(before: Transcript, after: Transcript): Saying[] {
  const message = after.messages.at(-1);
  const known = before.messages.at(after.messages.length - 1);
  if (message === known || message?.role !== "assistant") return [];
  if (known !== undefined && known.id !== message.id) return [];
  if (known !== undefined && known.state !== "streaming") return [];
  const sayings = sentences(known, message).map((text) => ({ text }));
  const ended = message.state !== "streaming";
  return ended ? [...sayings, ...describeEnd(message)] : sayings;
}

function describeEnd({ state, error, parts }: Message): Saying[] {
  if (error) return [{ text: [error.type, error.message, error.hint].filter(Boolean).join(": ") }];
  if (state === "cancelled") return [{ text: "Stopped" }];
  const cut = parts.some((part) => part.kind === "text" && isCut(part.text));
  return [{ text: cut ? "The answer is complete; its rest is in the conversation" : "Done" }];
}

/** The sentences and notices that `message` has now and `known` had not yet. */
function sentences(known: Message | undefined, message: Message): string[] {
  const ended = message.state !== "streaming";
  return message.parts.flatMap((part) => {
    if (part.kind !== "text" && part.kind !== "notice") return [];
    const was = known?.parts.find((other) => other.part === part.part);
    if (was === part && !ended) return [];
    if (part.kind === "notice") return was === undefined ? [part.text] : [];
    const before = was?.kind === "text" ? was.text : "";
    // Far into a long answer nothing is spoken any more, and looking for it costs nothing.
    if (before.length > SOURCE) return [];
    const heard = speakable(before, was?.kind === "text" && was.done).length;
    const fresh = speakable(part.text, part.done || ended)
      .slice(heard)
      .trim();
    return fresh === "" ? [] : [fresh];
  });
}

/** Of several views of one store the first that can be seen speaks, so that nothing is said twice. */
const VIEWS = new WeakMap<Store, Set<HTMLElement>>();

function isFirst(store: Store, view: HTMLElement): boolean {
  const views = [...(VIEWS.get(store) ?? [])];
  // To ask whether it can be seen has the browser style all that has just been drawn.
  if (views.length === 1) return views[0] === view;
  return views.find((known) => known.checkVisibility?.() ?? true) === view;
}

interface AnnouncerProps {
  store: Store;
  transcript: Transcript;
  speaker: Speaker;
}

/** The region itself. It draws itself anew when something is said; the rest of the view does not. */
export function Announcer({ store, transcript, speaker }: AnnouncerProps) {
  const region = useRef<HTMLDivElement>(null);
  const before = useRef(transcript);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const view = region.current;
    if (view === null) return;
    const views = VIEWS.get(store) ?? new Set();
    VIEWS.set(store, views.add(view));
    const lifetime = new AbortController();
    speaker.start(() => redraw(undefined), lifetime.signal);
    return () => {
      views.delete(view);
      lifetime.abort();
    };
  }, [store, speaker]);
  useEffect(() => {
    const known = before.current;
    before.current = transcript;
    const sayings = describeChange(known, transcript);
    if (sayings.length === 0 || region.current === null || !isFirst(store, region.current)) return;
    for (const saying of sayings) speaker.say(saying);
  }, [store, transcript, speaker]);
  return (
    <div
      ref={region}
      class="nbagent-spoken"
      role="status"
      aria-live="polite"
      aria-atomic="false"
      aria-relevant="additions"
    >
      {speaker.said.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
