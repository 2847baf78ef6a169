/** Questions to begin with, while the conversation is empty. */
import type { Transcript } from "../views";
import { useView } from "./context";

export function Suggestions({ transcript }: { transcript: Transcript }) {
  const { store } = useView();
  const suggestions = transcript.offers?.suggestions ?? [];
  if (suggestions.length === 0 || transcript.status !== "idle") return null;
  const ask = (text: string, button: HTMLElement) => {
    // The button goes with the click, and the focus must not go with it.
    button
      .closest(".nbagent")
      ?.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]')
      ?.focus();
    store.ask(text);
  };
  return (
    <ul class="nbagent-suggestions" data-nbagent="suggestions" aria-label="Suggestions">
      {suggestions.map((text) => (
        <li key={text}>
          <button type="button" dir="auto" onClick={(event) => ask(text, event.currentTarget)}>
            {text}
          </button>
        </li>
      ))}
    </ul>
  );
}
