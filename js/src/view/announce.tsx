/** The live region: says what changed, in whole sentences, not every word as it streams. */
import { useEffect, useRef } from "preact/hooks";
import type { Transcript } from "../wire";
import { stateWords } from "./tool-card";

/** Longer replies are announced by their beginning; the rest is there to be read. */
const LONGEST = 600;

/** What to say about the step from one transcript to the next. */
export function describeChange(before: Transcript, after: Transcript): string[] {
  if (before === after) return [];
  return [...describeCalls(before, after), ...describeEnd(before, after)];
}

function describeCalls(before: Transcript, after: Transcript): string[] {
  if (before.calls === after.calls) return [];
  const spoken = ["awaiting-approval", "running", "done", "failed", "denied"];
  return Object.values(after.calls).flatMap((call) => {
    const known = before.calls[call.tool_call_id];
    if (call.question && call.question.question !== known?.question?.question) {
      return [`The agent asks: ${call.question.question}`];
    }
    if (known === call || known?.state === call.state || !spoken.includes(call.state)) return [];
    return [`${call.name}: ${stateWords(call.state)}`];
  });
}

function describeEnd(before: Transcript, after: Transcript): string[] {
  const message = after.messages.at(-1);
  const known = before.messages.at(after.messages.length - 1);
  if (message?.role !== "assistant" || known?.id !== message.id) return [];
  if (known.state !== "streaming" || message.state === "streaming") return [];
  if (message.error) return [`${message.error.type}: ${message.error.message}`];
  const text = message.parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join(" ");
  return [message.state === "cancelled" ? "Stopped" : text.slice(0, LONGEST)];
}

/** Speaks each change of the transcript that `describeChange` finds. */
export function useAnnouncements(transcript: Transcript, announce: (text: string) => void): void {
  const before = useRef(transcript);
  useEffect(() => {
    for (const text of describeChange(before.current, transcript)) announce(text);
    before.current = transcript;
  }, [transcript, announce]);
}
