/** What the agent is doing, in words and with a mark, and which model it uses. */
import type { Status } from "../wire";

const WORDS: Record<Status, string> = {
  idle: "Ready",
  running: "Working",
  waiting: "Waiting for you",
};

interface StatusLineProps {
  status: Status;
  model: string;
  pending: boolean;
}

export function StatusLine({ status, model, pending }: StatusLineProps) {
  const words = pending && status === "idle" ? "Sent, waiting for the kernel" : WORDS[status];
  return (
    <span class="nbagent-status" data-nbagent="status">
      <span class="nbagent-status-mark" aria-hidden="true" />
      <span>{words ?? status}</span>
      {model && <span class="nbagent-status-model">{model}</span>}
    </span>
  );
}
