/**
 * The transcript's pure reducer: (Transcript, Op) -> Transcript. What an op does not touch keeps
 * its identity, so that views can tell by `===` what to draw again.
 */
import { appendOutput, rewrite, update } from "./outputs";
import type {
  AttachmentPart,
  Call,
  Message,
  Part,
  ReasoningPart,
  TextPart,
  Transcript,
} from "./views";
import type { Op } from "./wire";

export const EMPTY: Transcript = { status: "idle", model: "", always: [], messages: [], calls: {} };

type OpOf<K extends Op["op"]> = Extract<Op, { op: K }>;

export function reduce(transcript: Transcript, op: Op): Transcript {
  switch (op.op) {
    case "status":
      return { ...transcript, status: op.status, model: op.model };
    case "message_start":
      if (op.parent !== undefined) return addRun(transcript, op.parent, newMessage(op));
      return { ...transcript, messages: [...transcript.messages, newMessage(op)] };
    case "message_end":
      return withMessage(transcript, op.id, (message) => ({
        ...message,
        state: op.state,
        usage: op.usage ?? null,
        error: op.error ?? null,
      }));
    case "attachment":
      return withMessage(transcript, op.message, (message) => withPart(message, attachment(op)));
    case "text":
    case "reasoning":
      return withMessage(transcript, op.message, (message) => appendText(message, op));
    case "part_done":
      return withMessage(transcript, op.message, (message) => endPart(message, op.part));
    case "notice":
      return withMessage(transcript, op.message, (message) =>
        withPart(message, { kind: "notice", part: op.part, text: op.text }),
      );
    case "call":
      return addCall(transcript, op);
    case "always":
      return { ...transcript, always: op.names };
    case "shown":
      return { ...transcript, shown: op.chips };
    case "about": {
      const { tools, tokens, cost } = op;
      return { ...transcript, about: { tools, tokens, cost: cost ?? null } };
    }
    case "offers": {
      const { op: _, ...offers } = op;
      return { ...transcript, offers };
    }
    case "versions": {
      const versions = { index: op.index, count: op.count };
      return withMessage(transcript, op.id, (message) => ({ ...message, versions }));
    }
    case "cut":
      return cut(transcript, op.id);
    case "reset":
      return withNested({ ...transcript, messages: [], calls: {} }, {});
    case "snapshot":
      return op.transcript;
    default:
      return withCall(transcript, op.tool_call_id, (call) => reduceCall(call, op));
  }
}

type CallOp = Extract<Op, { tool_call_id: string }>;

function reduceCall(call: Call, op: CallOp): Call {
  switch (op.op) {
    case "arguments":
      return { ...call, arguments: call.arguments + op.text };
    case "arguments_set":
      return { ...call, arguments: op.text };
    case "call_state":
      return {
        ...(op.state === "running" ? call : withoutOpenQuestion(call)),
        state: op.state,
        started: op.started ?? null,
        elapsed: op.elapsed ?? null,
        problem: null,
      };
    case "question":
      return { ...call, question: { question: op.question, choices: op.choices } };
    case "answered":
      return call.question ? { ...call, question: { ...call.question, answer: op.text } } : call;
    case "output":
      return { ...call, outputs: appendOutput(call.outputs, op.output) };
    case "rewrite":
      return { ...call, outputs: rewrite(call.outputs, op) };
    case "update":
      return { ...call, outputs: update(call.outputs, op.display_id, op.bundle) };
    case "clear":
      return { ...call, outputs: [] };
    case "problem":
      return { ...call, problem: op.text };
    case "progress":
      return { ...call, progress: { fraction: op.fraction ?? null, text: op.text } };
    case "drawn":
      return { ...call, drawn: { bundle: op.bundle ?? null, problem: op.problem } };
    case "result":
      return { ...call, bundle: op.bundle ?? null, text: op.text, error: op.error ?? null };
    case "call":
      return { ...call, name: op.name };
  }
}

function newMessage(op: OpOf<"message_start">): Message {
  const state = op.role === "assistant" ? "streaming" : "done";
  return {
    id: op.id,
    role: op.role,
    state,
    parts: [],
    error: null,
    created: op.created,
    usage: null,
  };
}

function attachment({ part, name, media_type, size, bundle }: OpOf<"attachment">): AttachmentPart {
  return { kind: "attachment", part, name, media_type, size, bundle: bundle ?? null };
}

/** A call that is over waits for no answer any more. */
function withoutOpenQuestion(call: Call): Call {
  if (call.question === undefined || call.question.answer !== undefined) return call;
  const { question: _, ...rest } = call;
  return rest;
}

/** `transcript` with these runs inside of calls; without any there is no field for them. */
function withNested(transcript: Transcript, nested: Record<string, Message>): Transcript {
  const { nested: _, ...rest } = transcript;
  return Object.keys(nested).length > 0 ? { ...rest, nested } : rest;
}

function addRun(transcript: Transcript, parent: string, run: Message): Transcript {
  if (callOf(transcript, parent) === undefined) return transcript;
  const added = withNested(transcript, { ...transcript.nested, [run.id]: run });
  return withCall(added, parent, (call) => ({ ...call, runs: [...(call.runs ?? []), run.id] }));
}

/** Without message `id` and all after it, their calls and the runs inside of these. */
function cut(transcript: Transcript, id: string): Transcript {
  const index = transcript.messages.findIndex((message) => message.id === id);
  if (index < 0) return transcript;
  const calls = { ...transcript.calls };
  const nested = { ...transcript.nested };
  const forget = (message: Message | undefined) => {
    for (const part of message?.parts ?? []) {
      if (part.kind !== "call") continue;
      const runs = callOf(transcript, part.tool_call_id)?.runs ?? [];
      delete calls[part.tool_call_id];
      for (const run of runs) {
        forget(nested[run]);
        delete nested[run];
      }
    }
  };
  transcript.messages.slice(index).forEach(forget);
  return withNested(
    { ...transcript, messages: transcript.messages.slice(0, index), calls },
    nested,
  );
}

/** Nearly every op is about the last message, so the search begins there. */
function withMessage(
  transcript: Transcript,
  id: string,
  change: (message: Message) => Message,
): Transcript {
  const run = nestedOf(transcript, id);
  if (run !== undefined) {
    return { ...transcript, nested: { ...transcript.nested, [id]: change(run) } };
  }
  const index = transcript.messages.findLastIndex((message) => message.id === id);
  const message = transcript.messages[index];
  if (message === undefined) return transcript;
  return { ...transcript, messages: replaced(transcript.messages, index, change(message)) };
}

/** A copy with another item; `Array.with` takes ten times as long for a thousand. */
function replaced<T>(items: readonly T[], index: number, item: T): T[] {
  const copy = items.slice();
  copy[index] = item;
  return copy;
}

function withCall(transcript: Transcript, id: string, change: (call: Call) => Call): Transcript {
  const call = callOf(transcript, id);
  if (call === undefined) return transcript;
  return { ...transcript, calls: { ...transcript.calls, [id]: change(call) } };
}

/** The call `id`; ids come from the model, so names like "constructor" must find nothing. */
export function callOf({ calls }: Pick<Transcript, "calls">, id: string): Call | undefined {
  return Object.hasOwn(calls, id) ? calls[id] : undefined;
}

/** The run `id` inside of a call. */
export function nestedOf({ nested }: Transcript, id: string): Message | undefined {
  return nested !== undefined && Object.hasOwn(nested, id) ? nested[id] : undefined;
}

/** `part` in the place of the one with the same key, or at the end. */
function withPart(message: Message, part: Part): Message {
  const index = message.parts.findLastIndex((known) => known.part === part.part);
  const parts = index < 0 ? [...message.parts, part] : replaced(message.parts, index, part);
  return { ...message, parts };
}

function appendText(message: Message, op: OpOf<"text" | "reasoning">): Message {
  const known = message.parts.findLast((part) => part.part === op.part);
  if (op.op === "text") {
    const part: TextPart =
      known?.kind === "text" ? known : { kind: "text", part: op.part, text: "", done: false };
    return withPart(message, { ...part, text: part.text + op.text });
  }
  const part: ReasoningPart =
    known?.kind === "reasoning"
      ? known
      : { kind: "reasoning", part: op.part, text: "", summary: "", done: false };
  const field = op.summary ? "summary" : "text";
  return withPart(message, { ...part, [field]: part[field] + op.text });
}

function endPart(message: Message, key: string): Message {
  const part = message.parts.findLast((known) => known.part === key);
  if (part?.kind !== "text" && part?.kind !== "reasoning") return message;
  return withPart(message, { ...part, done: true });
}

function addCall(transcript: Transcript, op: OpOf<"call">): Transcript {
  const known = callOf(transcript, op.tool_call_id);
  if (known !== undefined)
    return withCall(transcript, op.tool_call_id, (call) => reduceCall(call, op));
  const call: Call = {
    tool_call_id: op.tool_call_id,
    name: op.name,
    arguments: "",
    state: "streaming",
    outputs: [],
    bundle: null,
    text: "",
    error: null,
    progress: null,
    problem: null,
    started: null,
    elapsed: null,
  };
  const place: Part = { kind: "call", part: op.part, tool_call_id: op.tool_call_id };
  const part = op.beside ? { ...place, beside: op.beside } : place;
  const added = withMessage(transcript, op.message, (message) => withPart(message, part));
  return { ...added, calls: { ...transcript.calls, [op.tool_call_id]: call } };
}
