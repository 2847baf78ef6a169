/** Text of many lines that grows: it hangs in pieces, and gets its colours once it is whole. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { colour } from "../markdown/highlight";
import { loadFrom } from "./asset-modules";
import { useView } from "./context";

/** A browser lays out a piece anew for each line that comes, and leaves the others alone. */
const LINES_A_PIECE = 60;

interface CodeTextProps {
  text: string;
  whole: boolean;
  /** What its colours are those of; "" for none. */
  language: string;
}

export function CodeText({ text, whole, language }: CodeTextProps) {
  if (whole && language !== "") return <Coloured text={text} language={language} />;
  return (
    <>
      {pieces(text).map((piece, index) => (
        <span key={index} class="nbagent-code-piece">
          {piece}
        </span>
      ))}
    </>
  );
}

/** The highlighter puts its own elements in: none of these are ours to update. */
function Coloured({ text, language }: { text: string; language: string }) {
  const { store } = useView();
  const code = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (code.current === null) return;
    loadFrom(store.assets);
    code.current.textContent = text;
    colour(code.current, language);
  }, [text, language, store]);
  return <code ref={code} />;
}

/** `text` in pieces of so many lines, which stay the same while it grows. */
export function pieces(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines < LINES_A_PIECE) continue;
    found.push(text.slice(start, at + 1));
    start = at + 1;
    lines = 0;
  }
  if (start < text.length) found.push(text.slice(start));
  return found;
}
