/** What a slash command shows above the text: a question back, a list, or a word. */
import { useState } from "preact/hooks";
import type { Transcript } from "../views";
import { useView } from "./context";
import { Frame } from "./panel-frame";
import { HelpPanel, ToolsPanel } from "./slash-lists";

export type Panel =
  | { kind: "clear" | "export" | "tools" | "help" }
  | { kind: "unknown"; name: string };

interface PanelProps {
  panel: Panel;
  transcript: Transcript;
  /** Takes the panel away; the focus goes back to the text. */
  onClose: () => void;
  /** Sends what was typed, although it looks like a command. */
  onSendText: () => void;
}

export function SlashPanel({ panel, transcript, onClose, onSendText }: PanelProps) {
  switch (panel.kind) {
    case "clear":
      return <ClearPanel onClose={onClose} />;
    case "export":
      return <ExportPanel onClose={onClose} />;
    case "tools":
      return <ToolsPanel transcript={transcript} onClose={onClose} />;
    case "help":
      return <HelpPanel transcript={transcript} onClose={onClose} />;
    case "unknown":
      return <UnknownPanel name={panel.name} onClose={onClose} onSendText={onSendText} />;
  }
}

function ClearPanel({ onClose }: { onClose: () => void }) {
  const { store } = useView();
  const clear = () => {
    store.request({ type: "clear" });
    onClose();
  };
  return (
    <Frame title="Clear the conversation? It cannot be brought back." onClose={onClose}>
      <div class="nbagent-panel-row">
        <button type="button" class="nbagent-secondary" data-first onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="nbagent-primary" onClick={clear}>
          Clear conversation
        </button>
      </div>
    </Frame>
  );
}

function ExportPanel({ onClose }: { onClose: () => void }) {
  const { store } = useView();
  const [path, setPath] = useState("conversation.md");
  const save = () => {
    if (path.trim() === "") return;
    store.request({ type: "export", path: path.trim() });
    onClose();
  };
  return (
    <Frame title="Save the conversation as .md, .html, .ipynb or .json" onClose={onClose}>
      <form
        class="nbagent-panel-row"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <input
          data-first
          aria-label="File name"
          value={path}
          spellcheck={false}
          onInput={(event) => setPath(event.currentTarget.value)}
        />
        <button type="button" class="nbagent-secondary" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="nbagent-primary" disabled={path.trim() === ""}>
          Save
        </button>
      </form>
    </Frame>
  );
}

function UnknownPanel({
  name,
  onClose,
  onSendText,
}: Omit<PanelProps, "panel" | "transcript"> & { name: string }) {
  return (
    <Frame title={<>There is no command /{name}. Send it as text?</>} onClose={onClose}>
      <div class="nbagent-panel-row">
        <button type="button" class="nbagent-secondary" onClick={onClose}>
          Go on writing
        </button>
        <button type="button" class="nbagent-primary" data-first onClick={onSendText}>
          Send as text
        </button>
      </div>
    </Frame>
  );
}
