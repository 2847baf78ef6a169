/** The lists that slash commands show: the tools, and the commands and keys. */
import { Fragment } from "preact";
import type { Transcript } from "../views";
import { Close, Frame } from "./panel-frame";
import { commandsOf } from "./slash-commands";

interface ListPanelProps {
  transcript: Transcript;
  onClose: () => void;
}

export function ToolsPanel({ transcript, onClose }: ListPanelProps) {
  const tools = transcript.offers?.tools ?? [];
  const count = `${tools.length} ${tools.length === 1 ? "tool" : "tools"}`;
  return (
    <Frame title={tools.length ? count : "The agent has no tools."} onClose={onClose}>
      <Close onClose={onClose} />
      <Terms rows={tools.map(({ name, description }) => [name, description])} />
    </Frame>
  );
}

const KEYS = [
  ["Enter", "Send; during an answer, queue the question"],
  ["Shift+Enter", "A new line"],
  ["Escape", "Stop the answer; close a list"],
  ["Shift+Escape", "Back to the notebook"],
  ["Arrow up", "In an empty field: an earlier question"],
] as const;

export function HelpPanel({ transcript, onClose }: ListPanelProps) {
  const commands = commandsOf(transcript).map(
    ({ name, description }) => [`/${name}`, description] as const,
  );
  return (
    <Frame title="Commands and keys" onClose={onClose}>
      <Close onClose={onClose} />
      <Terms rows={[...commands, ...KEYS]} />
    </Frame>
  );
}

function Terms({ rows }: { rows: readonly (readonly [string, string])[] }) {
  if (rows.length === 0) return null;
  return (
    // A long list is scrolled by the keyboard.
    <dl class="nbagent-terms" tabIndex={0}>
      {rows.map(([term, description]) => (
        <Fragment key={term}>
          <dt>{term}</dt>
          <dd>{description}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
