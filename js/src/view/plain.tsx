/** Plain text, with the colours that it brings; of a very long one the beginning at first. */
import { useState } from "preact/hooks";
import { counted } from "../numbers";
import { Ansi } from "./ansi";

/** Lines of a long text that are shown at first. */
const SHOWN = 200;
/** And no more characters than this, since a line may be very long. */
const LONGEST = 40_000;

export function Plain({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const end = foldAt(text);
  const folds = end < text.length;
  return (
    <>
      <pre class="nbagent-plain" tabIndex={0}>
        <Ansi text={folds && !all ? text.slice(0, end) : text} />
      </pre>
      {folds && (
        <button type="button" class="nbagent-link nbagent-fold" onClick={() => setAll(!all)}>
          {all ? "Show the beginning only" : `Show all ${counted(lines(text))} lines`}
        </button>
      )}
    </>
  );
}

/** Where the shown beginning of a long text ends; its length when all of it is shown. */
export function foldAt(text: string): number {
  let at = -1;
  for (let line = 0; line < SHOWN; line += 1) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) return Math.min(text.length, LONGEST);
  }
  return Math.min(text.trimEnd().length <= at ? text.length : at, LONGEST);
}

const lines = (text: string) => text.trimEnd().split("\n").length;
