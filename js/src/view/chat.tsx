/** The whole widget: the log of messages, and the composer below it. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Attached } from "../attachments";
import type { Store } from "../store";
import type { Transcript } from "../views";
import { Always } from "./always";
import { Announcer } from "./announce";
import { AttachedNames } from "./attach";
import { Composer } from "./composer";
import { Context } from "./context";
import { Earlier } from "./earlier";
import { Icon } from "./icons";
import { keepKey, leave } from "./keys";
import { Messages } from "./messages";
import { Follower } from "./scroll";
import { Speaker } from "./speaker";
import { useTranscript } from "./subscribe";
import { Suggestions } from "./suggestions";
import { Queue, Shown } from "./waiting-line";

export function Chat({ store }: { store: Store }) {
  const transcript = useTranscript(store);
  const speaker = useMemo(() => new Speaker(), []);
  const root = useRef<HTMLDivElement>(null);
  const context = useMemo(() => ({ store, announce: speaker.say, root }), [store, speaker]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing) {
      if (event.shiftKey) leave(event.currentTarget as Element);
      else if (transcript.status !== "idle") store.send({ type: "stop" });
    }
    keepKey(event);
  };
  return (
    <Context.Provider value={context}>
      {/* The keys pressed inside are ours, not the notebook's shortcuts. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys from the notebook */}
      <div
        ref={root}
        class="nbagent"
        data-nbagent="chat"
        data-status={transcript.status}
        data-live={!store.gone}
        data-lm-suppress-shortcuts="true"
        onKeyDown={onKeyDown}
        onKeyUp={keepKey}
        onKeyPress={keepKey}
      >
        <Log store={store} transcript={transcript} />
        <Always names={transcript.always} />
        <Shown chips={transcript.shown ?? []} />
        <Queue questions={store.queue} status={transcript.status} />
        <Earlier />
        <fieldset class="nbagent-reach" disabled={store.gone}>
          <Composer transcript={transcript} />
        </fieldset>
        <Announcer store={store} transcript={transcript} speaker={speaker} />
      </div>
    </Context.Provider>
  );
}

function Log({ store, transcript }: { store: Store; transcript: Transcript }) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const follower = useRef<Follower | null>(null);
  const [following, setFollowing] = useState(true);
  useEffect(() => {
    if (box.current === null || content.current === null) return;
    const abort = new AbortController();
    const made = new Follower(
      box.current,
      content.current,
      () => setFollowing(made.following),
      abort.signal,
    );
    follower.current = made;
    made.toEnd();
    return () => abort.abort();
  }, []);
  useLayoutEffect(() => follower.current?.drawn());
  const { messages } = transcript;
  return (
    <div class="nbagent-log-frame">
      {/* Live announcements come from the region below the composer, sentence by sentence. */}
      <div
        ref={box}
        class="nbagent-log"
        role="log"
        aria-label="Conversation"
        aria-live="off"
        tabIndex={0}
      >
        <div ref={content} class="nbagent-log-content">
          {messages.length === 0 && store.pending === null && <Welcome transcript={transcript} />}
          <Messages store={store} transcript={transcript} />
          {store.pending !== null && <Pending text={store.pending} files={store.pendingFiles} />}
        </div>
      </div>
      {!following && (
        <button type="button" class="nbagent-jump" onClick={() => follower.current?.toEnd()}>
          <Icon name="down" />
          Jump to latest
        </button>
      )}
    </div>
  );
}

function Welcome({ transcript }: { transcript: Transcript }) {
  const { model } = transcript;
  return (
    <div class="nbagent-welcome">
      <Icon name="spark" />
      <p>Ask a question. The agent can use the tools you gave it, here in your kernel.</p>
      {model && <p class="nbagent-muted">{model}</p>}
      <Suggestions transcript={transcript} />
    </div>
  );
}

interface PendingProps {
  text: string;
  files: readonly Attached[];
}

/** Sent, but the kernel has not taken it up: it may be busy with a cell. */
function Pending({ text, files }: PendingProps) {
  return (
    <div class="nbagent-message nbagent-pending" data-nbagent="pending" data-role="user">
      <AttachedNames files={files} />
      {text !== "" && <div class="nbagent-bubble">{text}</div>}
    </div>
  );
}
