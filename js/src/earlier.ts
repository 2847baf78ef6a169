/** A transcript whose kernel is no more: what was going on there has come to no end. */
import type { Call, CallState, Message, Transcript } from "./views";

const OPEN: readonly CallState[] = ["streaming", "queued", "awaiting-approval", "running"];

/** `transcript` with nothing that waits for a kernel. */
export function settled(transcript: Transcript): Transcript {
  const { nested } = transcript;
  const calls = Object.entries(transcript.calls).map(([id, call]) => [id, ended(call)] as const);
  return {
    ...transcript,
    status: "idle",
    messages: transcript.messages.map(closed),
    calls: Object.fromEntries(calls),
    ...(nested && {
      nested: Object.fromEntries(Object.entries(nested).map(([id, run]) => [id, closed(run)])),
    }),
  };
}

function ended(call: Call): Call {
  return OPEN.includes(call.state) ? { ...call, state: "interrupted", problem: null } : call;
}

function closed(message: Message): Message {
  return message.state === "streaming" ? { ...message, state: "cancelled" } : message;
}
