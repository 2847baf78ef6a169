/** An error as a person can use it: what happened, what to do, and the traceback for who wants it. */
import type { ComponentChildren } from "preact";
import type { ErrorView } from "../views";
import { Icon } from "./icons";
import { Traceback } from "./traceback";

interface ErrorProps {
  error: ErrorView;
  /** What can be done about it. */
  children?: ComponentChildren;
}

export function ErrorBox({ error, children }: ErrorProps) {
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
      {children}
    </div>
  );
}
