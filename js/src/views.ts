/**
 * What a page shows, as plain values: the shapes of the transcript that `wire` carries, mirrored
 * from nbagent/widget/views.py.
 */

export type Status = "idle" | "running" | "waiting";
export type MessageState = "streaming" | "done" | "failed" | "cancelled";
export type CallState =
  | "streaming"
  | "queued"
  | "awaiting-approval"
  | "running"
  | "done"
  | "failed"
  | "denied"
  | "cancelled"
  | "interrupted";

export interface Bundle {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

/** Lines of a traceback; with a library it is that many frames of it, which are folded. */
export interface TracebackPart {
  text: string;
  library: string;
  frames: number;
}

export interface ErrorView {
  type: string;
  message: string;
  traceback: string;
  hint: string;
  /** The traceback once more, with the frames of libraries that are cut in it. */
  parts?: readonly TracebackPart[];
}

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  reasoning_tokens: number;
}

export interface StreamOutput {
  kind: "stream";
  name: "stdout" | "stderr";
  text: string;
  /** Lines at the beginning that are no longer here. */
  hidden?: number;
}

export interface DisplayOutput {
  kind: "display";
  bundle: Bundle;
  /** The name under which it can be replaced. */
  display_id?: string;
}

export type Output = StreamOutput | DisplayOutput;

export interface TextPart {
  kind: "text";
  part: string;
  text: string;
  done: boolean;
}

export interface ReasoningPart {
  kind: "reasoning";
  part: string;
  text: string;
  summary: string;
  done: boolean;
}

export interface CallPart {
  kind: "call";
  part: string;
  tool_call_id: string;
  /** The first call of the same step, where it is not the first itself. */
  beside?: string;
}

export interface NoticePart {
  kind: "notice";
  part: string;
  text: string;
}

/** An image or a file of the person's question; `bundle` has an image that can be shown. */
export interface AttachmentPart {
  kind: "attachment";
  part: string;
  name: string;
  media_type: string;
  size: number;
  bundle: Bundle | null;
}

export type Part = TextPart | ReasoningPart | CallPart | NoticePart | AttachmentPart;

/** Which of how many versions of a question, counted from 0. */
export interface Versions {
  index: number;
  count: number;
}

export interface Message {
  id: string;
  role: "user" | "assistant";
  state: MessageState;
  parts: readonly Part[];
  error: ErrorView | null;
  created: number;
  usage: Usage | null;
  /** Where a question was asked in more than one way, or more than once. */
  versions?: Versions;
}

export interface Progress {
  fraction: number | null;
  text: string;
}

/** A call's arguments as its tool's own card draws them; without a bundle they look as usual. */
export interface Drawn {
  bundle: Bundle | null;
  /** Why they could not be drawn. */
  problem: string;
}

export interface Question {
  question: string;
  choices: readonly string[];
  /** What the person said; missing while the call waits for it. */
  answer?: string;
}

export interface Call {
  tool_call_id: string;
  name: string;
  arguments: string;
  state: CallState;
  outputs: readonly Output[];
  bundle: Bundle | null;
  text: string;
  error: ErrorView | null;
  progress: Progress | null;
  drawn?: Drawn;
  /** Why the arguments that the person gave do not do; the call waits on. */
  problem: string | null;
  /** What it asked the person last. */
  question?: Question;
  /** The ids of the runs that went on inside of it. */
  runs?: readonly string[];
  started: number | null;
  elapsed: number | null;
}

/** A variable that the agent was shown, in a line. */
export interface Chip {
  name: string;
  summary: string;
}

/** How many tools the agent has, and the tokens and dollars (null: not known) it used. */
export interface About {
  tools: number;
  tokens: number;
  cost: number | null;
}

/** A tool or a slash command, in a line; `takes`: words behind a command's name. */
export interface Offer {
  name: string;
  description: string;
  takes?: "none" | "maybe" | "needed";
}

/** What the person can do here besides writing; `images`, `files`: what the model can be shown. */
export interface Offers {
  commands: readonly Offer[];
  tools: readonly Offer[];
  suggestions: readonly string[];
  models: readonly string[];
  images: boolean;
  files: boolean;
}

export interface Transcript {
  status: Status;
  model: string;
  /** The tools that need no more asking. */
  always: readonly string[];
  messages: readonly Message[];
  calls: Readonly<Record<string, Call>>;
  /** The runs inside of calls. */
  nested?: Readonly<Record<string, Message>>;
  shown?: readonly Chip[];
  about?: About;
  offers?: Offers;
}
