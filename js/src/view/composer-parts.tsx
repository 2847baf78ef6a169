/** The composer's smaller parts: a word about what was asked for, and the buttons. */
import { useEffect } from "preact/hooks";
import { useView } from "./context";
import { Icon } from "./icons";
import { Close } from "./panel-frame";

interface NoteProps {
  id: string;
  /** What is wrong with what was written; else what the kernel said last is shown. */
  problem: string;
  /** Whether it stays until what is wrong has been changed. */
  fixed: boolean;
  onDismiss: () => void;
}

export function Note({ id, problem, fixed, onDismiss }: NoteProps) {
  const { store, announce } = useView();
  const text = problem || store.said?.text;
  useEffect(() => {
    if (text) announce(text);
  }, [text, announce]);
  if (!text) return null;
  const good = problem === "" && store.said?.ok === true;
  const dismiss = () => {
    store.say(true, "");
    onDismiss();
  };
  return (
    <div class="nbagent-told" data-nbagent="note" data-good={good}>
      <Icon name={good ? "check" : "hand"} />
      <span id={id} dir="auto">
        {text}
      </span>
      {!fixed && <Close onClose={dismiss} />}
    </div>
  );
}

interface SendButtonsProps {
  idle: boolean;
  /** Whether there is nothing to send but what is queued. */
  empty: boolean;
  /** Why what is written cannot be sent; empty where it can. */
  blocked: string;
  onSend: () => void;
}

export function SendButtons({ idle, empty, blocked, onSend }: SendButtonsProps) {
  const { store } = useView();
  const nothing = empty && (store.queue.length === 0 || !idle);
  const disabled = nothing || blocked !== "";
  const reason = blocked || (nothing ? "Write a question first" : "");
  if (idle) {
    return (
      <button
        type="button"
        class="nbagent-send"
        aria-label="Send"
        title={reason || "Send (Enter)"}
        disabled={disabled}
        onClick={onSend}
      >
        <Icon name="send" />
      </button>
    );
  }
  return (
    <span class="nbagent-send-pair">
      {!disabled && (
        <button
          type="button"
          class="nbagent-secondary nbagent-queue"
          title="Send when this answer is done (Enter)"
          onClick={onSend}
        >
          Queue
        </button>
      )}
      <button
        type="button"
        class="nbagent-send nbagent-stop"
        aria-label="Stop"
        title="Stop (Escape)"
        onClick={() => store.send({ type: "stop" })}
      >
        <Icon name="stop" />
      </button>
    </span>
  );
}
