/** What the built-in slash commands do. */
import type { Store } from "../store";
import { idleReason, type SlashCommand } from "./slash-commands";
import type { Panel } from "./slash-panel";

interface Doors {
  store: Store;
  /** Puts a text into the field. */
  write: (text: string) => void;
  show: (panel: Panel) => void;
}

export function runBuiltIn({ name }: SlashCommand, words: string, { store, write, show }: Doors) {
  write("");
  const reason = idleReason(name, store.transcript);
  store.say(false, reason);
  if (reason !== "") return;
  switch (name) {
    case "stop":
    case "retry":
      return store.send({ type: name });
    case "model":
      if (words === "") return write("/model ");
      return store.request({ type: "switch", model: words });
    case "export":
      if (words === "") return show({ kind: "export" });
      return store.request({ type: "export", path: words });
    case "clear":
    case "tools":
    case "help":
      return show({ kind: name });
  }
}
