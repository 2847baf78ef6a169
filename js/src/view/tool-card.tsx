/** A tool call: its name, state and time in the header, and below what it got, did and gave. */
import type { FunctionComponent } from "preact";
import { memo } from "preact/compat";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { summarize } from "../arguments";
import type { Call, CallState } from "../views";
import { Approval } from "./approval";
import { BundleView } from "./bundle";
import { arrive } from "./call-again";
import { CallMenu } from "./call-menu";
import { CardActions } from "./card-actions";
import { useView } from "./context";
import { Drawn, DrawnArguments } from "./drawn";
import { ErrorBox } from "./error";
import { Icon, type IconName, Spinner } from "./icons";
import { Outputs } from "./output";
import { Plain } from "./plain";
import { Question } from "./question";
import { duration, useElapsed } from "./time";

const STATES: Record<CallState, { words: string; icon: IconName | "spinner" }> = {
  streaming: { words: "Writing arguments", icon: "dots" },
  queued: { words: "Queued", icon: "clock" },
  "awaiting-approval": { words: "Needs approval", icon: "hand" },
  running: { words: "Running", icon: "spinner" },
  done: { words: "Done", icon: "check" },
  failed: { words: "Failed", icon: "cross" },
  denied: { words: "Denied", icon: "slash" },
  cancelled: { words: "Cancelled", icon: "slash" },
  interrupted: { words: "Interrupted", icon: "pause" },
};

/** Ended without a result. */
const LEFT: readonly CallState[] = ["failed", "denied", "cancelled", "interrupted"];

const ASKS = { words: "Asks you", icon: "question" } as const;

export const stateWords = (state: CallState) => STATES[state]?.words ?? state;

interface ToolCardProps {
  call: Call;
  /** The person's own choice, if they made one. */
  toggled: boolean | undefined;
  /** In the card of another call. */
  nested: boolean;
  /** Draws the runs that went on inside of the call. */
  inside: Inside;
}

export type Inside = FunctionComponent<{ runs: readonly string[]; failed: boolean }>;

export const ToolCard = memo(function ToolCard(props: ToolCardProps) {
  const { call, toggled, nested, inside } = props;
  const view = useView();
  const { store } = view;
  const header = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => arrive(view, call.tool_call_id, header.current), []);
  const body = useId();
  const open = toggled ?? (!nested || wantsSomebody(call) || call.state === "failed");
  return (
    <article
      class="nbagent-card"
      data-nbagent="tool-card"
      data-tool-call-id={call.tool_call_id}
      data-tool-name={call.name}
      data-state={call.state}
      aria-label={`Tool call ${call.name}`}
    >
      <div class="nbagent-card-top">
        <button
          ref={header}
          type="button"
          class="nbagent-card-header"
          aria-expanded={open}
          aria-controls={body}
          onClick={() => store.toggle(call.tool_call_id, !open)}
        >
          <Header call={call} />
        </button>
        <CallMenu call={call} nested={nested} />
      </div>
      <div id={body} class="nbagent-card-body" hidden={!open}>
        {open && <Body call={call} nested={nested} inside={inside} />}
      </div>
    </article>
  );
});

const asks = ({ question }: Call) => question !== undefined && question.answer === undefined;

/** Whether the person is waited for. */
export const wantsSomebody = (call: Call) => asks(call) || call.state === "awaiting-approval";

function Header({ call }: { call: Call }) {
  const known = STATES[call.state] ?? { words: call.state, icon: "dots" };
  const { words, icon } = asks(call) ? ASKS : known;
  return (
    <>
      <span class="nbagent-card-icon">
        {icon === "spinner" ? <Spinner /> : <Icon name={icon} />}
      </span>
      <span class="nbagent-card-name">{call.name || "…"}</span>
      <span class="nbagent-card-summary">{summarize(call.arguments)}</span>
      <span class="nbagent-card-state">
        {words}
        <Elapsed call={call} />
      </span>
      <span class="nbagent-card-chevron">
        <Icon name="chevron" />
      </span>
    </>
  );
}

function Elapsed({ call }: { call: Call }) {
  const running = call.state === "running";
  const counted = useElapsed(call.started, running);
  const seconds = call.elapsed ?? (running && counted >= 1 ? Math.floor(counted) : null);
  if (seconds === null) return null;
  const text = running ? duration(seconds).replace(".0 s", " s") : duration(seconds);
  return <span class="nbagent-card-time">{` · ${text}`}</span>;
}

type BodyProps = Pick<ToolCardProps, "call" | "nested" | "inside">;

function Body({ call, nested, inside: Inside }: BodyProps) {
  const { question, runs, error, state } = call;
  if (state === "awaiting-approval") {
    return (
      <>
        <Drawn call={call} />
        <Approval call={call} />
      </>
    );
  }
  return (
    <>
      {question ? <Question call={call} question={question} /> : <DrawnArguments call={call} />}
      {call.progress && call.state === "running" && <Progress {...call.progress} />}
      <Outputs outputs={call.outputs} />
      {runs && <Inside runs={runs} failed={error !== null} />}
      {(!question || error) && <Result call={call} nested={nested} />}
      {!error && LEFT.includes(state) && <CardActions call={call} nested={nested} />}
    </>
  );
}

function Progress({ fraction, text }: { fraction: number | null; text: string }) {
  return (
    <div class="nbagent-progress">
      <progress
        aria-label={text || "Progress"}
        {...(fraction === null ? {} : { value: fraction })}
      />
      {text && <span>{text}</span>}
    </div>
  );
}

function Result({ call, nested }: { call: Call; nested: boolean }) {
  if (call.error === null && call.bundle === null && call.text === "") return null;
  const got = (
    <details class="nbagent-details">
      <summary>What the model got</summary>
      <Plain text={call.text} />
    </details>
  );
  // Of a function that only showed something, what it showed stands above already; so do the words
  // of an agent that was asked.
  const showed = !call.error && (call.runs ? true : call.outputs.length > 0 && !call.bundle);
  return (
    <>
      <div class="nbagent-result" data-nbagent="result">
        {call.error && (
          <ErrorBox error={call.error}>
            <CardActions call={call} nested={nested} />
          </ErrorBox>
        )}
        {call.bundle && !showed && <BundleView bundle={call.bundle} />}
        {showed ? got : !call.error && !call.bundle && <Plain text={call.text} />}
      </div>
      {!showed && (call.error || call.bundle) && call.text && got}
    </>
  );
}
