/** Where the person writes. Enter sends, Shift+Enter breaks the line, Escape stops a run. */
import { useId, useRef, useState } from "preact/hooks";
import { unseen } from "../attachments";
import type { Question } from "../outbox";
import type { Transcript } from "../views";
import { AttachButton, AttachedList, DropMark, pastedFiles } from "./attach";
import { Note, SendButtons } from "./composer-parts";
import { useView } from "./context";
import { useRecall } from "./recall";
import { type Option, optionId, SlashMenu, useSlash } from "./slash";
import { commandsOf, parseSlash, type SlashCommand } from "./slash-commands";
import { type Panel, SlashPanel } from "./slash-panel";
import { runBuiltIn } from "./slash-run";
import { StatusLine } from "./status";
import { useAttaching } from "./use-attaching";
import { BLANK, useDraft } from "./use-draft";
import { useGrowth } from "./use-growth";

export function Composer({ transcript }: { transcript: Transcript }) {
  const { store, announce } = useView();
  const [draft, setDraft] = useDraft(store);
  const [panel, setPanel] = useState<Panel | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const noteId = useId();
  const list = useSlash(draft.text, transcript);
  const recall = useRecall(transcript);
  const { text, files } = draft;
  const { offers, model } = transcript;
  const idle = transcript.status === "idle";
  const canAttach = offers !== undefined && !store.gone;
  const blocked = offers ? unseen(files, model, offers) : "";
  const problem = blocked || draft.problem;

  useGrowth(area, text);

  const write = (text: string) => setDraft((now) => ({ ...now, text, problem: "" }));
  const focus = () => area.current?.focus();
  const closePanel = () => {
    setPanel(null);
    focus();
  };

  const { attach, over } = useAttaching(area, setDraft, canAttach);

  const ask = (words: string, use?: Question["use"]) => {
    const more = { files, ...(use && { use }) };
    if (words !== "" || files.length > 0) {
      if (idle) store.ask(words, more);
      else store.enqueue(words, more);
      setDraft(BLANK);
    } else if (idle) store.sendNext();
    setPanel(null);
    focus();
  };

  const run = (command: SlashCommand, words: string) => {
    if (command.own && command.takes === "needed" && words === "") {
      const problem = `/${command.name} needs words behind it.`;
      return setDraft((now) => ({ ...now, text: `/${command.name} `, problem }));
    }
    if (command.own) return ask(text.trim(), { name: command.name, words });
    runBuiltIn(command, words, { store, write, show: setPanel });
  };

  const submit = () => {
    if (blocked !== "") return announce(blocked);
    const words = text.trim();
    const slash = parseSlash(words);
    if (slash === null || slash.name === "") return ask(words);
    const command = commandsOf(transcript).find(({ name }) => name === slash.name);
    if (command) return run(command, slash.words.trim());
    return setPanel({ kind: "unknown", name: slash.name });
  };

  const take = ({ command, completed }: Option) => {
    focus();
    if (command === null) {
      write("");
      store.request({ type: "switch", model: completed.slice("/model ".length) });
    } else if (command.takes === "none" || command.name === "export") {
      if (command.own) ask(completed, { name: command.name, words: "" });
      else run(command, "");
    } else write(completed);
  };

  /** Whether the key was for the list of commands. */
  const chosen = (event: KeyboardEvent): boolean => {
    const { options, active } = list;
    const option = options[active];
    if (option === undefined || event.shiftKey) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) list.activate((active + step + options.length) % options.length);
    else if (event.key === "Enter") take(option);
    else if (event.key === "Tab") write(option.completed);
    else if (event.key === "Escape") list.close();
    else return false;
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, its keys belong to it (229: Safari says it so).
    if (event.isComposing || event.keyCode === 229) return;
    if (chosen(event)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    const recalled = event.shiftKey ? null : recall(event.key, text);
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && panel !== null) {
      event.stopPropagation();
      closePanel();
    } else if (recalled !== null) {
      event.preventDefault();
      write(recalled);
    }
  };

  const open = list.options.length > 0;
  return (
    <>
      <div class="nbagent-composer">
        {panel && (
          <SlashPanel
            key={panel.kind}
            panel={panel}
            transcript={transcript}
            onClose={closePanel}
            onSendText={() => ask(text.trim())}
          />
        )}
        {!panel && (
          <Note
            id={noteId}
            problem={problem}
            fixed={blocked !== ""}
            onDismiss={() => {
              setDraft((now) => ({ ...now, problem: "" }));
              focus();
            }}
          />
        )}
        {open && <SlashMenu list={list} onTake={take} />}
        <AttachedList
          files={files}
          onRemove={({ id, name }) => {
            if (files.length === 1) focus();
            announce(`Removed ${name}`);
            setDraft((now) => ({
              ...now,
              files: now.files.filter((file) => file.id !== id),
              problem: "",
            }));
          }}
        />
        <textarea
          ref={area}
          rows={1}
          aria-label="Message"
          aria-autocomplete="list"
          {...(open && {
            "aria-controls": list.id,
            "aria-activedescendant": optionId(list.id, list.active),
          })}
          {...(problem !== "" && { "aria-describedby": noteId })}
          placeholder={idle ? "Ask about your data" : "Enter queues the next question"}
          dir="auto"
          value={text}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const pasted = canAttach ? pastedFiles(event.clipboardData) : [];
            if (pasted.length === 0) return;
            event.preventDefault();
            attach(pasted);
          }}
        />
        <div class="nbagent-composer-row">
          {canAttach && <AttachButton onFiles={attach} />}
          <StatusLine transcript={transcript} pending={store.pending !== null} gone={store.gone} />
          <SendButtons
            idle={idle}
            empty={text.trim() === "" && files.length === 0}
            blocked={blocked}
            onSend={submit}
          />
        </div>
      </div>
      {over && <DropMark />}
    </>
  );
}
