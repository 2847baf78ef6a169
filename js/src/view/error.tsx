/** An error as a person can use it: what happened, what to do, and the traceback for who wants it. */
import type { ErrorView } from "../wire";
import { Ansi } from "./ansi";
import { CopyButton } from "./copy";
import { Icon } from "./icons";

export function ErrorBox({ error }: { error: ErrorView }) {
  return (
    <div class="nbagent-error" data-nbagent="error">
      <p class="nbagent-error-line">
        <Icon name="hand" />
        <span>
          <strong>{error.type || "Error"}</strong>
          {error.message && <span class="nbagent-error-message">{error.message}</span>}
        </span>
      </p>
      {error.hint && <p class="nbagent-error-hint">{error.hint}</p>}
      {error.traceback && <Traceback error={error} />}
    </div>
  );
}

function Traceback({ error }: { error: ErrorView }) {
  return (
    <details class="nbagent-details">
      <summary>Traceback</summary>
      <div class="nbagent-traceback">
        <pre tabIndex={0}>
          <Ansi text={error.traceback} />
        </pre>
        <CopyButton text={() => error.traceback} />
      </div>
    </details>
  );
}
