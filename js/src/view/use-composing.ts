/** What is being written, and what becomes of it: a question, a command, something queued. */
import type { RefObject } from "preact";
import { useState } from "preact/hooks";
import { type Attached, unseen } from "../attachments";
import type { Draft } from "../drafts";
import type { Question } from "../outbox";
import type { Transcript } from "../views";
import { useView } from "./context";
import type { Option } from "./slash";
import { commandsOf, parseSlash, type SlashCommand } from "./slash-commands";
import type { Panel } from "./slash-panel";
import { runBuiltIn } from "./slash-run";
import { BLANK, type SetDraft, useDraft } from "./use-draft";

export interface Writing {
  draft: Draft;
  setDraft: SetDraft;
  panel: Panel | null;
  setPanel: (panel: Panel | null) => void;
  /** Why what is written cannot be sent; empty where it can. */
  blocked: string;
  write: (text: string) => void;
  focus: () => void;
  /** Sends the words with what is attached, or queues them; without either what is queued. */
  ask: (words: string, use?: Question["use"]) => void;
  remove: (file: Attached) => void;
}

type Area = RefObject<HTMLTextAreaElement | null>;

export function useWriting(transcript: Transcript, area: Area): Writing {
  const { store, announce } = useView();
  const [draft, setDraft] = useDraft(store);
  const [panel, setPanel] = useState<Panel | null>(null);
  const { files } = draft;
  const { offers, model } = transcript;
  const idle = transcript.status === "idle";
  const focus = () => area.current?.focus();
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
  const remove = ({ id, name }: Attached) => {
    if (files.length === 1) focus();
    announce(`Removed ${name}`);
    const others = (now: Draft) => now.files.filter((file) => file.id !== id);
    setDraft((now) => ({ ...now, files: others(now), problem: "" }));
  };
  const blocked = offers ? unseen(files, model, offers) : "";
  const write = (text: string) => setDraft((now) => ({ ...now, text, problem: "" }));
  return { draft, setDraft, panel, setPanel, blocked, write, focus, ask, remove };
}

export interface Doing {
  /** Does what is written. */
  submit: () => void;
  /** Does, or begins to write, what was chosen of the list of commands. */
  take: (option: Option) => void;
}

export function useDoing(transcript: Transcript, writing: Writing): Doing {
  const { store, announce } = useView();
  const { draft, setDraft, setPanel, blocked, write, focus, ask } = writing;
  const run = (command: SlashCommand, words: string) => {
    if (command.own && command.takes === "needed" && words === "") {
      const problem = `/${command.name} needs words behind it.`;
      return setDraft((now) => ({ ...now, text: `/${command.name} `, problem }));
    }
    if (command.own) return ask(draft.text.trim(), { name: command.name, words });
    runBuiltIn(command, words, { store, write, show: setPanel });
  };
  const submit = () => {
    if (blocked !== "") return announce(blocked);
    const words = draft.text.trim();
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
  return { submit, take };
}
