/**
 * The list under a slash: commands, or models to switch to. The focus stays in the text; arrows
 * choose, Enter takes, Tab completes, Escape closes.
 */
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Transcript } from "../views";
import { useView } from "./context";
import { matching, matchingModels, parseSlash, type SlashCommand } from "./slash-commands";

export interface Option {
  label: string;
  description: string;
  own: boolean;
  /** The text that Tab makes of what was typed. */
  completed: string;
  command: SlashCommand | null;
}

export interface SlashList {
  id: string;
  options: readonly Option[];
  active: number;
  activate: (index: number) => void;
  close: () => void;
}

/** The list for `text`; without options it is closed. */
export function useSlash(text: string, transcript: Transcript): SlashList {
  const { announce } = useView();
  const id = useId();
  const [active, activate] = useState(0);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const options = dismissed === text ? [] : optionsFor(text, transcript);
  useEffect(() => activate(0), [text]);
  const count = options.length;
  useEffect(() => {
    if (count > 0) announce(`${count} ${count === 1 ? "choice" : "choices"}`);
  }, [count, announce]);
  return {
    id,
    options,
    active: Math.min(active, Math.max(0, count - 1)),
    activate,
    close: () => setDismissed(text),
  };
}

function optionsFor(text: string, transcript: Transcript): Option[] {
  const slash = parseSlash(text);
  if (slash === null) return [];
  if (!slash.closed) return matching(transcript, slash.name).map(commandOption);
  if (slash.name !== "model" || slash.words.includes("\n")) return [];
  return matchingModels(transcript, slash.words).map((name) => ({
    label: name,
    description: name === transcript.model ? "in use" : "",
    own: false,
    completed: `/model ${name}`,
    command: null,
  }));
}

const commandOption = (command: SlashCommand): Option => ({
  label: `/${command.name}`,
  description: command.description,
  own: command.own,
  completed: command.takes === "none" ? `/${command.name}` : `/${command.name} `,
  command,
});

interface SlashMenuProps {
  list: SlashList;
  onTake: (option: Option) => void;
}

export function SlashMenu({ list, onTake }: SlashMenuProps) {
  const { id, options, active, activate } = list;
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    box.current?.children[active]?.scrollIntoView?.({ block: "nearest" });
  }, [active]);
  return (
    <div
      ref={box}
      id={id}
      class="nbagent-slash"
      role="listbox"
      aria-label={options[0]?.command ? "Commands" : "Models"}
    >
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text field's
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field
        <div
          key={option.label}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === active}
          // The field would lose the focus to the click.
          onMouseDown={(event) => event.preventDefault()}
          onMouseMove={() => index !== active && activate(index)}
          onClick={() => onTake(option)}
        >
          <span class="nbagent-slash-name">{option.label}</span>
          <span class="nbagent-slash-about">{option.description}</span>
          {option.own && <span class="nbagent-slash-own">yours</span>}
        </div>
      ))}
    </div>
  );
}

export const optionId = (list: string, index: number) => `${list}-${index}`;
