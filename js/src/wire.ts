/**
 * What travels between kernel and page, mirrored from nbagent/widget/wire.py, and a guard that
 * lets only well-formed messages in. Keys stay snake_case as on the wire.
 */

import type {
  About,
  AttachmentPart,
  Bundle,
  CallState,
  Chip,
  Drawn,
  ErrorView,
  MessageState,
  Offers,
  Output,
  Progress,
  Status,
  Transcript,
  Usage,
  Versions,
} from "./views";

export const WIRE_VERSION = 1;

interface CallRef {
  tool_call_id: string;
}

export type Op =
  | { op: "status"; status: Status; model: string }
  | {
      op: "message_start";
      id: string;
      /** The call that this is a run inside of. */
      parent?: string;
      role: "user" | "assistant";
      created: number;
    }
  | ({ op: "attachment"; message: string } & Omit<AttachmentPart, "kind">)
  | { op: "text"; message: string; part: string; text: string }
  | { op: "reasoning"; message: string; part: string; text: string; summary: boolean }
  | { op: "part_done"; message: string; part: string }
  | {
      op: "call";
      message: string;
      part: string;
      tool_call_id: string;
      name: string;
      beside?: string;
    }
  | ({ op: "arguments" | "arguments_set"; text: string } & CallRef)
  | ({
      op: "call_state";
      state: CallState;
      started: number | null;
      elapsed: number | null;
    } & CallRef)
  | ({ op: "output"; output: Output } & CallRef)
  | ({ op: "rewrite"; first: number; last: number; text: string; hidden: number } & CallRef)
  | ({ op: "update"; display_id: string; bundle: Bundle } & CallRef)
  | ({ op: "clear" } & CallRef)
  | ({ op: "problem"; text: string } & CallRef)
  | ({ op: "question"; question: string; choices: readonly string[] } & CallRef)
  | ({ op: "answered"; text: string } & CallRef)
  | { op: "always"; names: readonly string[] }
  | ({ op: "progress" } & Progress & CallRef)
  | ({ op: "drawn" } & Drawn & CallRef)
  | ({ op: "result"; bundle: Bundle | null; text: string; error: ErrorView | null } & CallRef)
  | { op: "notice"; message: string; part: string; text: string }
  | {
      op: "message_end";
      id: string;
      state: MessageState;
      usage: Usage | null;
      error: ErrorView | null;
    }
  | { op: "shown"; chips: readonly Chip[] }
  | ({ op: "about" } & About)
  | ({ op: "offers" } & Offers)
  | { op: "cut"; id: string }
  | ({ op: "versions"; id: string } & Versions)
  | { op: "reset" }
  | { op: "snapshot"; transcript: Transcript };

export interface WireMessage {
  v: typeof WIRE_VERSION;
  seq: number;
  run: unknown;
  ops: readonly Op[];
  /** An answer to us; what has no ops otherwise comes by itself, also while nobody hears us. */
  heard: boolean;
}

export interface Snapshot {
  v: typeof WIRE_VERSION;
  seq: number;
  transcript: Transcript;
}

export type Command =
  | { type: "ask"; text: string; files?: readonly string[]; id?: string }
  | { type: "upload"; file: string; name: string; size: number; offset: number }
  | { type: "use"; name: string; text: string; files: readonly string[]; id?: string }
  | { type: "clear"; id?: string }
  | { type: "export"; path: string; id?: string }
  | { type: "switch"; model: string; id?: string }
  | { type: "stop" }
  | { type: "retry" }
  | { type: "call_again"; tool_call_id: string; id?: string }
  | { type: "resync"; seq: number }
  | { type: "approve"; tool_call_id: string; arguments: string | null; always: boolean }
  | { type: "deny"; tool_call_id: string; reason: string }
  | { type: "answer"; tool_call_id: string; text: string }
  | { type: "edit"; message: string; text: string }
  | { type: "branch"; message: string; version: number }
  | { type: "hide"; name: string }
  | { type: "revoke"; name: string }
  | { type: "asset"; name: string };

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isBoolean: Check = (value) => typeof value === "boolean";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === null || value === undefined || check(value);

const isBundle: Check = (value) => isObject(value) && isObject(value.data);
const isOutput: Check = (value) =>
  isObject(value) &&
  (value.kind === "stream"
    ? isString(value.text)
    : value.kind === "display" && isBundle(value.bundle));
const isTranscript: Check = (value) =>
  isObject(value) &&
  isString(value.status) &&
  Array.isArray(value.always) &&
  Array.isArray(value.messages) &&
  isObject(value.calls);

/** The required fields of every op. An op that stands here is known; any other is passed over. */
const OPS: Record<Op["op"], Record<string, Check>> = {
  status: { status: isString, model: isString },
  message_start: { id: isString, role: isString, created: isNumber, parent: optional(isString) },
  attachment: {
    message: isString,
    part: isString,
    name: isString,
    media_type: isString,
    size: isNumber,
    bundle: optional(isBundle),
  },
  text: { message: isString, part: isString, text: isString },
  reasoning: { message: isString, part: isString, text: isString, summary: isBoolean },
  part_done: { message: isString, part: isString },
  call: {
    message: isString,
    part: isString,
    tool_call_id: isString,
    name: isString,
    beside: optional(isString),
  },
  arguments: { tool_call_id: isString, text: isString },
  arguments_set: { tool_call_id: isString, text: isString },
  call_state: {
    tool_call_id: isString,
    state: isString,
    started: optional(isNumber),
    elapsed: optional(isNumber),
  },
  output: { tool_call_id: isString, output: isOutput },
  rewrite: {
    tool_call_id: isString,
    first: isNumber,
    last: isNumber,
    text: isString,
    hidden: isNumber,
  },
  update: { tool_call_id: isString, display_id: isString, bundle: isBundle },
  clear: { tool_call_id: isString },
  problem: { tool_call_id: isString, text: isString },
  question: { tool_call_id: isString, question: isString, choices: Array.isArray },
  answered: { tool_call_id: isString, text: isString },
  always: { names: Array.isArray },
  progress: { tool_call_id: isString, fraction: optional(isNumber), text: isString },
  drawn: { tool_call_id: isString, bundle: optional(isBundle), problem: isString },
  result: {
    tool_call_id: isString,
    bundle: optional(isBundle),
    text: isString,
    error: optional(isObject),
  },
  notice: { message: isString, part: isString, text: isString },
  message_end: {
    id: isString,
    state: isString,
    usage: optional(isObject),
    error: optional(isObject),
  },
  shown: { chips: Array.isArray },
  about: { tools: isNumber, tokens: isNumber, cost: optional(isNumber) },
  offers: {
    commands: Array.isArray,
    tools: Array.isArray,
    suggestions: Array.isArray,
    models: Array.isArray,
    images: isBoolean,
    files: isBoolean,
  },
  cut: { id: isString },
  versions: { id: isString, index: isNumber, count: isNumber },
  reset: {},
  snapshot: { transcript: isTranscript },
};

/** A message that cannot be read; the page asks for the whole state instead of guessing. */
export class WireError extends Error {
  override name = "WireError";
}

/**
 * The message in `content`, checked field by field. Ops of a name we do not know (a newer kernel)
 * are left out. Throws WireError for another version or for an op with a field missing or wrong.
 */
export function parseMessage(content: unknown): WireMessage {
  if (!isObject(content) || content.v !== WIRE_VERSION) {
    throw new WireError(`expected a wire message of version ${WIRE_VERSION}`);
  }
  const { seq, run, ops } = content;
  if (typeof seq !== "number" || !Array.isArray(ops)) {
    throw new WireError("a wire message needs a numeric `seq` and a list `ops`");
  }
  const heard = content.heard === true;
  return { v: WIRE_VERSION, seq, run, ops: ops.filter(isKnownOp), heard };
}

function isKnownOp(value: unknown): value is Op {
  if (!isObject(value) || typeof value.op !== "string") throw new WireError("an op has no name");
  const fields = Object.hasOwn(OPS, value.op) ? OPS[value.op as Op["op"]] : undefined;
  if (fields === undefined) return false;
  for (const [field, check] of Object.entries(fields)) {
    if (!check(value[field])) throw new WireError(`op ${value.op}: bad field ${field}`);
  }
  return true;
}

/** A script that the page asked for, as the kernel sends it: gzipped, in the message's buffer. */
export interface AssetMessage {
  asset: string;
  ok: boolean;
}

/** The message as that of an asset, or null when it is one of ops. */
export function parseAsset(content: unknown): AssetMessage | null {
  if (!isObject(content) || content.v !== WIRE_VERSION || typeof content.asset !== "string") {
    return null;
  }
  return { asset: content.asset, ok: content.ok === true };
}

/** How a command went that the page wants to know of; `asked`: a question is on its way. */
export interface AnswerMessage {
  answer: string;
  ok: boolean;
  text: string;
  asked: boolean;
}

/** The message as an answer to a command, or null when it is none. */
export function parseAnswer(content: unknown): AnswerMessage | null {
  if (!isObject(content) || content.v !== WIRE_VERSION) return null;
  const { answer, ok, text, asked } = content;
  if (typeof answer !== "string" || typeof text !== "string") return null;
  return { answer, ok: ok === true, text, asked: asked === true };
}

/** The snapshot trait's value, or null when it holds none yet. */
export function parseSnapshot(value: unknown): Snapshot | null {
  if (!isObject(value) || value.v !== WIRE_VERSION) return null;
  if (typeof value.seq !== "number" || !isTranscript(value.transcript)) return null;
  return value as unknown as Snapshot;
}
