/** What a tool printed and displayed while it ran. */
import { useRef, useState } from "preact/hooks";
import { counted } from "../numbers";
import type { StreamOutput, Output as WireOutput } from "../views";
import { Ansi } from "./ansi";
import { BundleView } from "./bundle";
import { useFollowedEnd } from "./follow-end";

/** Lines of a long output that are shown at first: the last ones. */
const SHOWN = 100;
/** And no more characters than this, since a line may be very long. */
const LONGEST = 20_000;

export function Outputs({ outputs }: { outputs: readonly WireOutput[] }) {
  if (outputs.length === 0) return null;
  return (
    <div class="nbagent-output" data-nbagent="output">
      {outputs.map((output, index) =>
        output.kind === "stream" ? (
          <Stream key={index} output={output} />
        ) : (
          <BundleView key={index} bundle={output.bundle} />
        ),
      )}
    </div>
  );
}

function Stream({ output }: { output: StreamOutput }) {
  const [all, setAll] = useState(false);
  const { name, text, hidden = 0 } = output;
  const cut = foldAt(text);
  return (
    <div class="nbagent-stream-frame">
      {hidden > 0 && all && (
        <p class="nbagent-muted">{`${counted(hidden)} earlier lines are kept in the kernel only.`}</p>
      )}
      {cut > 0 && (
        <button type="button" class="nbagent-link" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Show the end only" : `Show all ${counted(lines(text) + hidden)} lines`}
        </button>
      )}
      <Scrolled name={name} text={withoutBlankEnd(text)} start={all ? 0 : cut} />
    </div>
  );
}

interface ScrolledProps {
  name: string;
  text: string;
  start: number;
}

/** Printed text in its box, which stays at the end as a terminal does, unless the reader scrolls up. */
function Scrolled({ name, text, start }: ScrolledProps) {
  const box = useRef<HTMLPreElement>(null);
  const onScroll = useFollowedEnd(box, [text, start]);
  return (
    <pre ref={box} class="nbagent-stream" data-stream={name} tabIndex={0} onScroll={onScroll}>
      <Ansi text={text} start={start} />
    </pre>
  );
}

/** Where the shown end of a long text begins; 0 when all of it is shown. */
export function foldAt(text: string): number {
  let at = text.endsWith("\n") ? text.length - 1 : text.length;
  for (let line = 0; line < SHOWN && at >= 0; line += 1) {
    at = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
  }
  return Math.max(at + 1, text.length - LONGEST);
}

/** A progress bar that has gone leaves a line of spaces. */
function withoutBlankEnd(text: string): string {
  const words = text.trimEnd();
  return text.length - words.length > 1 ? `${words}\n` : text;
}

function lines(text: string): number {
  const breaks = text.split("\n").length;
  return text.endsWith("\n") ? breaks - 1 : breaks;
}
