/** Where the person writes. Enter sends, Shift+Enter breaks the line, Escape stops a run. */
import { useId, useRef } from "preact/hooks";
import type { Transcript } from "../views";
import { AttachButton, AttachedList, DropMark, pastedFiles } from "./attach";
import { Note, SendButtons } from "./composer-parts";
import { useView } from "./context";
import { optionId, SlashMenu, useSlash } from "./slash";
import { SlashPanel } from "./slash-panel";
import { StatusLine } from "./status";
import { useAttaching } from "./use-attaching";
import { useDoing, useWriting, type Writing } from "./use-composing";
import { useGrowth } from "./use-growth";
import { useKeys } from "./use-keys";

export function Composer({ transcript }: { transcript: Transcript }) {
  const { store } = useView();
  const area = useRef<HTMLTextAreaElement>(null);
  const noteId = useId();
  const writing = useWriting(transcript, area);
  const doing = useDoing(transcript, writing);
  const { text, files, problem } = writing.draft;
  const { blocked, write, setDraft } = writing;
  const list = useSlash(text, transcript);
  const closePanel = () => {
    writing.setPanel(null);
    writing.focus();
  };
  const onKeyDown = useKeys(transcript, { writing, doing, list, closePanel });
  const idle = transcript.status === "idle";
  const canAttach = transcript.offers !== undefined && !store.gone;
  const { attach, over } = useAttaching(area, setDraft, canAttach);
  const open = list.options.length > 0;
  useGrowth(area, text);
  const onPaste = (event: ClipboardEvent) => {
    const pasted = canAttach ? pastedFiles(event.clipboardData) : [];
    if (pasted.length === 0) return;
    event.preventDefault();
    attach(pasted);
  };
  return (
    <>
      <div class="nbagent-composer">
        <Told transcript={transcript} writing={writing} noteId={noteId} onClose={closePanel} />
        {open && <SlashMenu list={list} onTake={doing.take} />}
        <AttachedList files={files} onRemove={writing.remove} />
        <textarea
          ref={area}
          rows={1}
          aria-label="Message"
          aria-autocomplete="list"
          {...(open && {
            "aria-controls": list.id,
            "aria-activedescendant": optionId(list.id, list.active),
          })}
          {...((blocked || problem) !== "" && { "aria-describedby": noteId })}
          placeholder={idle ? "Ask about your data" : "Enter queues the next question"}
          dir="auto"
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <div class="nbagent-composer-row">
          {canAttach && <AttachButton onFiles={attach} />}
          <StatusLine transcript={transcript} pending={store.pending !== null} gone={store.gone} />
          <SendButtons
            idle={idle}
            empty={text.trim() === "" && files.length === 0}
            blocked={blocked}
            onSend={doing.submit}
          />
        </div>
      </div>
      {over && <DropMark />}
    </>
  );
}

interface ToldProps {
  transcript: Transcript;
  writing: Writing;
  noteId: string;
  onClose: () => void;
}

/** What stands above the field: the panel of a command, else a word about what was asked for. */
function Told({ transcript, writing, noteId, onClose }: ToldProps) {
  const { draft, setDraft, panel, blocked, focus, ask } = writing;
  if (panel) {
    return (
      <SlashPanel
        key={panel.kind}
        panel={panel}
        transcript={transcript}
        onClose={onClose}
        onSendText={() => ask(draft.text.trim())}
      />
    );
  }
  const dismiss = () => {
    setDraft((now) => ({ ...now, problem: "" }));
    focus();
  };
  return (
    <Note
      id={noteId}
      problem={blocked || draft.problem}
      fixed={blocked !== ""}
      onDismiss={dismiss}
    />
  );
}
