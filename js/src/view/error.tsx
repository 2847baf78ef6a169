/** An error as a person can use it: what happened, what to do, and the traceback for who wants it. */
import { useState } from "preact/hooks";
import { messageAbout } from "../traceback";
import type { Call, ErrorView } from "../views";
import { useView } from "./context";
import { Icon } from "./icons";
import { Traceback } from "./traceback";

interface ErrorProps {
  error: ErrorView;
  /** The call that failed, where it was one. */
  call?: Call;
}

export function ErrorBox({ error, call }: ErrorProps) {
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
      {error.traceback && call && <ShowToModel error={error} call={call} />}
    </div>
  );
}

/** The model was told type and message; this tells it the rest, as a question of the person's. */
function ShowToModel({ error, call }: { error: ErrorView; call: Call }) {
  const { store, announce } = useView();
  const [shown, setShown] = useState(false);
  const show = () => {
    const text = messageAbout(call, error);
    const idle = store.transcript.status === "idle";
    if (idle) store.ask(text);
    else store.enqueue(text);
    announce(idle ? "Shown to the model" : "Queued: it is shown when this run is done");
    setShown(true);
  };
  return (
    <p class="nbagent-error-actions">
      <button type="button" class="nbagent-secondary" disabled={shown} onClick={show}>
        {shown ? "Shown to the model" : "Show to the model"}
      </button>
    </p>
  );
}
