/** The slash commands: those that every agent has, and the person's own; which are meant. */
import type { Offer, Transcript } from "../views";

export interface SlashCommand {
  name: string;
  description: string;
  /** Whether words follow the name. */
  takes: "none" | "maybe" | "needed";
  /** Whether it is the person's own. */
  own: boolean;
}

const builtIn = (name: string, description: string, takes: SlashCommand["takes"] = "none") => ({
  name,
  description,
  takes,
  own: false,
});

const CLEAR = builtIn("clear", "Empty the conversation");
const STOP = builtIn("stop", "Stop what is going on");
const RETRY = builtIn("retry", "Ask the last question again, in place of its answer");
const EXPORT = builtIn("export", "Save the conversation to a file", "maybe");
const MODEL = builtIn("model", "Show the model, or switch to another", "maybe");
const TOOLS = builtIn("tools", "List the tools that the agent has");
const HELP = builtIn("help", "List the commands and keys");

const BUILT_IN: readonly SlashCommand[] = [CLEAR, STOP, RETRY, EXPORT, MODEL, TOOLS, HELP];

/** All commands that there are, the person's own first. */
export function commandsOf({ offers }: Transcript): readonly SlashCommand[] {
  const own = (offers?.commands ?? []).map(ownCommand);
  // Without offers it is a kernel, or a recording, that knows none of these.
  return offers ? [...own, ...BUILT_IN] : [STOP, RETRY, HELP];
}

const ownCommand = ({ name, description, takes = "maybe" }: Offer): SlashCommand => ({
  name,
  description,
  takes,
  own: true,
});

/** Why a built-in command can do nothing now; empty where it can. */
export function idleReason(name: string, transcript: Transcript): string {
  const { messages, status } = transcript;
  const running = status !== "idle";
  switch (name) {
    case "stop":
      return running ? "" : "Nothing is going on that could be stopped.";
    case "clear":
    case "retry":
      if (running) return "Wait for the end of the answer, or stop it first.";
      return messages.length > 0 ? "" : "The conversation is empty.";
    case "export":
      return messages.length > 0 ? "" : "The conversation is empty.";
    default:
      return "";
  }
}

export interface Slash {
  name: string;
  words: string;
  /** Whether something stands behind the name, be it a space. */
  closed: boolean;
}

/** The command that a text begins with, whether there is one of that name or not. */
export function parseSlash(text: string): Slash | null {
  // "/home/me/data.csv" is a path and no command.
  const found = /^\/([a-z][\w-]*)?(?:(\s+)([\s\S]*))?$/i.exec(text);
  if (found === null || (found[1] === undefined && found[2] !== undefined)) return null;
  const [, name = "", space, words = ""] = found;
  return { name: name.toLowerCase(), words, closed: space !== undefined };
}

/** The commands that what was typed so far may become. */
export function matching(transcript: Transcript, typed: string): readonly SlashCommand[] {
  const all = commandsOf(transcript).filter(
    ({ own, name }) => own || idleReason(name, transcript) === "" || name === typed,
  );
  const begin = all.filter(({ name }) => name.startsWith(typed));
  const inside = all.filter(({ name }) => !name.startsWith(typed) && name.includes(typed));
  return typed === "" ? all : [...begin, ...inside];
}

/** At most so many models are listed; more words narrow them. */
const MODELS = 40;

/** The models that what was typed so far may become. */
export function matchingModels({ offers, model }: Transcript, typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  const models = [...new Set([model, ...(offers?.models ?? [])])].filter(Boolean);
  return models.filter((name) => name.toLowerCase().includes(wanted)).slice(0, MODELS);
}
