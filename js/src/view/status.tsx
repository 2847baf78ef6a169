/** What the agent is doing, in words and with a mark; which model it uses, and how much of it. */
import { counted } from "../numbers";
import type { About, Status, Transcript } from "../views";

const WORDS: Record<Status, string> = {
  idle: "Ready",
  running: "Working",
  waiting: "Waiting for you",
};

interface StatusLineProps {
  transcript: Transcript;
  pending: boolean;
  /** The kernel is no more. */
  gone: boolean;
}

export function StatusLine({ transcript, pending, gone }: StatusLineProps) {
  const { status, model, about } = transcript;
  const waits = pending && status === "idle";
  const words = gone ? "Read only" : waits ? "Sent, waiting for the kernel" : WORDS[status];
  const used = about ? inWords(about) : "";
  return (
    <span
      class="nbagent-status"
      data-nbagent="status"
      title={[model, used].filter(Boolean).join("\n")}
    >
      <span class="nbagent-status-mark" aria-hidden="true" />
      <bdi>{words ?? status}</bdi>
      {model && (
        <span class="nbagent-status-model">
          <bdi>{model}</bdi>
        </span>
      )}
      {used && (
        <span class="nbagent-status-about">
          <bdi>{used}</bdi>
        </span>
      )}
    </span>
  );
}

/** "3 tools · 1,234 tokens · $0.0021"; what is nothing is left out. */
export function inWords({ tools, tokens, cost }: About): string {
  const used = [
    tools > 0 && `${tools} ${tools === 1 ? "tool" : "tools"}`,
    tokens > 0 && `${counted(tokens)} tokens`,
    cost !== null && cost > 0 && `$${cost < 0.1 ? cost.toPrecision(2) : cost.toFixed(2)}`,
  ];
  return used.filter(Boolean).join(" · ");
}
