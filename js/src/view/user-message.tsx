/** What the person asked, as they typed it; it can be changed and asked again in its place. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AttachmentPart, Message, TextPart } from "../views";
import { Attachments } from "./attachments";
import { Branches } from "./branches";
import { useView } from "./context";
import { Icon } from "./icons";
import { usePicked } from "./subscribe";

export function UserMessage({ message }: { message: Message }) {
  const [editing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const left = useRef(false);
  useLayoutEffect(() => {
    if (!editing && left.current) pencil.current?.focus();
    left.current = editing;
  }, [editing]);
  const texts = message.parts.filter((part): part is TextPart => part.kind === "text");
  const files = message.parts.filter((part): part is AttachmentPart => part.kind === "attachment");
  const text = texts.map((part) => part.text).join("\n");
  return (
    <>
      <Attachments parts={files} />
      {editing ? (
        <Editor message={message} text={text} onClose={() => setEditing(false)} />
      ) : (
        <div class="nbagent-question-line">
          <button
            ref={pencil}
            type="button"
            class="nbagent-quiet nbagent-edit"
            aria-label="Edit question"
            title="Edit and ask again"
            onClick={() => setEditing(true)}
          >
            <Icon name="pencil" />
          </button>
          {texts.length > 0 && (
            <div class="nbagent-bubble">
              {texts.map((part) => (
                <div key={part.part} data-nbagent="text" dir="auto">
                  {part.text}
                </div>
              ))}
            </div>
          )}
        </div>
      )}
      {message.versions && !editing && <Branches message={message} versions={message.versions} />}
    </>
  );
}

interface EditorProps {
  message: Message;
  text: string;
  onClose: () => void;
}

function Editor({ message, text, onClose }: EditorProps) {
  const { store } = useView();
  const idle = usePicked(store, ({ status }) => [status]).status === "idle";
  const [draft, setDraft] = useState(text);
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(text.length, text.length);
  }, []);
  const send = () => {
    if (draft.trim() === "" || store.transcript.status !== "idle") return;
    store.send({ type: "edit", message: message.id, text: draft.trim() });
    // The message goes when the kernel has cut the conversation, and the focus must not go with it.
    area.current
      ?.closest(".nbagent")
      ?.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]')
      ?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div class="nbagent-editor" data-nbagent="editor">
      <textarea
        ref={area}
        aria-label="Question"
        dir="auto"
        rows={Math.min(10, draft.split("\n").length + 1)}
        value={draft}
        onInput={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="nbagent-editor-row">
        <span class="nbagent-muted">
          {idle
            ? "What came after it is kept as a version."
            : "Can be asked when this run is done."}
        </span>
        <button type="button" class="nbagent-secondary" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="nbagent-primary"
          aria-disabled={!idle}
          disabled={draft.trim() === ""}
          onClick={send}
        >
          Ask again
        </button>
      </div>
    </div>
  );
}
