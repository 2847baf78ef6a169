/** Earlier questions, brought back by the arrow keys in an empty field. */
import { useRef } from "preact/hooks";
import type { Transcript } from "../views";

/** The person's questions, oldest first, each once. */
export function questionsOf({ messages }: Transcript): readonly string[] {
  const texts = messages
    .filter(({ role }) => role === "user")
    .map(({ parts }) =>
      parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])).join("\n"),
    )
    .filter((text) => text !== "");
  return texts.filter((text, index) => texts.lastIndexOf(text) === index);
}

/** What the key brings into a field that holds `text`; null where it is just a key. */
export function useRecall(transcript: Transcript): (key: string, text: string) => string | null {
  const recalled = useRef<string | null>(null);
  return (key, text) => {
    if ((key !== "ArrowUp" && key !== "ArrowDown") || (text !== "" && text !== recalled.current)) {
      return null;
    }
    const questions = questionsOf(transcript);
    const at = text === "" ? questions.length : questions.lastIndexOf(text);
    const next = at + (key === "ArrowUp" ? -1 : 1);
    if (next < 0 || (text === "" && key === "ArrowDown")) return null;
    recalled.current = questions[next] ?? "";
    return recalled.current;
  };
}
