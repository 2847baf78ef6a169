/** What a kernel says of one run: a question, an answer that begins, and a call in it. */
import type { CallState } from "../src/views";
import type { Op } from "../src/wire";

export const START: Op[] = [
  { op: "status", status: "running", model: "test" },
  { op: "message_start", id: "u", role: "user", created: 1 },
  { op: "text", message: "u", part: "1", text: "What is <b>it</b>?" },
  { op: "message_start", id: "a", role: "assistant", created: 2 },
];
export const call = (state: CallState, text = '{"column": "mpg"}'): Op[] => [
  { op: "call", message: "a", part: "c", tool_call_id: "t", name: "summary" },
  { op: "arguments_set", tool_call_id: "t", text },
  { op: "call_state", tool_call_id: "t", state, started: null, elapsed: null },
];
