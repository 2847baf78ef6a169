/** The whole widget: the log of messages, and the composer below it. */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Store } from "../store";
import type { Transcript } from "../wire";
import { Always } from "./always";
import { useAnnouncements } from "./announce";
import { Composer } from "./composer";
import { Context } from "./context";
import { Icon } from "./icons";
import { Message } from "./message";
import { Follower } from "./scroll";
import { useTranscript } from "./subscribe";
import { Queue, Shown } from "./waiting-line";

export function Chat({ store }: { store: Store }) {
  const transcript = useTranscript(store);
  const [spoken, announce] = useSpoken();
  const context = useMemo(() => ({ store, announce }), [store, announce]);
  useAnnouncements(transcript, announce);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.isComposing && transcript.status !== "idle") {
      store.send({ type: "stop" });
    }
    event.stopPropagation();
  };
  const stop = (event: Event) => event.stopPropagation();
  return (
    <Context.Provider value={context}>
      {/* The keys pressed inside are ours, not the notebook's shortcuts. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps keys from the notebook */}
      <div
        class="nbagent"
        data-nbagent="chat"
        data-status={transcript.status}
        data-lm-suppress-shortcuts="true"
        onKeyDown={onKeyDown}
        onKeyUp={stop}
        onKeyPress={stop}
      >
        <Log store={store} transcript={transcript} />
        <Always names={transcript.always} />
        <Shown chips={transcript.shown ?? []} />
        <Queue texts={store.queue} status={transcript.status} />
        <Composer transcript={transcript} />
        <div class="nbagent-spoken" role="status" aria-live="polite">
          {spoken}
        </div>
      </div>
    </Context.Provider>
  );
}

function useSpoken(): [string, (text: string) => void] {
  const [spoken, setSpoken] = useState("");
  return [spoken, useCallback((text: string) => setSpoken(text), [])];
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
  useLayoutEffect(() => follower.current?.keep());
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
          {messages.length === 0 && store.pending === null && <Welcome model={transcript.model} />}
          <Messages store={store} transcript={transcript} />
          {store.pending !== null && <Pending text={store.pending} />}
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

function Messages({ store, transcript }: { store: Store; transcript: Transcript }) {
  const { messages, calls, status } = transcript;
  const toggles = [...store.toggles].join();
  return (
    <>
      {messages.map((message, index) => (
        <Message
          key={message.id}
          message={message}
          calls={calls}
          retry={index === messages.length - 1 && status === "idle"}
          toggles={toggles}
        />
      ))}
    </>
  );
}

function Welcome({ model }: { model: string }) {
  return (
    <div class="nbagent-welcome">
      <Icon name="spark" />
      <p>Ask a question. The agent can use the tools you gave it, here in your kernel.</p>
      {model && <p class="nbagent-muted">{model}</p>}
    </div>
  );
}

/** Sent, but the kernel has not taken it up: it may be busy with a cell. */
function Pending({ text }: { text: string }) {
  return (
    <div class="nbagent-message nbagent-pending" data-nbagent="pending" data-role="user">
      <div class="nbagent-bubble">{text}</div>
    </div>
  );
}
