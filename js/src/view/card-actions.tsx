/** What can be done about a call that is over: make it again, or show the model more of its error. */
import { useState } from "preact/hooks";
import { messageAbout } from "../traceback";
import type { Call, ErrorView } from "../views";
import { useCallAgain } from "./call-again";
import { useView } from "./context";
import { Icon } from "./icons";

export function CardActions({ call, nested }: { call: Call; nested: boolean }) {
  const again = useCallAgain(call, nested);
  const retries = again !== null && call.state !== "done";
  const shows = call.error?.traceback ? call.error : null;
  if (!retries && shows === null) return null;
  return (
    <p class="nbagent-error-actions" data-nbagent="card-actions">
      {retries && (
        <button
          type="button"
          class="nbagent-secondary"
          aria-disabled={!again.idle}
          title="Run this call again, and go on from its new result"
          onClick={again.run}
        >
          <Icon name="retry" />
          Retry
        </button>
      )}
      {shows && <ShowToModel error={shows} call={call} />}
    </p>
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
    <button type="button" class="nbagent-secondary" disabled={shown} onClick={show}>
      {shown ? "Shown to the model" : "Show to the model"}
    </button>
  );
}
