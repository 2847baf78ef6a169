/** A traceback: the person's own frames, those of libraries behind a word, each line in its colour. */
import { useState } from "preact/hooks";
import { kindOf, placeOf, wholeTraceback } from "../traceback";
import type { ErrorView, TracebackPart } from "../views";
import { Ansi } from "./ansi";
import { CopyButton } from "./copy";

export function Traceback({ error }: { error: ErrorView }) {
  const place = placeOf(error);
  const parts = error.parts ?? [{ text: error.traceback, library: "", frames: 0 }];
  return (
    <details class="nbagent-details">
      <summary>
        Traceback
        {place && <span class="nbagent-place">{place}</span>}
      </summary>
      <div class="nbagent-traceback">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent together */}
        <div class="nbagent-traceback-text" tabIndex={0} role="group" aria-label="Traceback">
          {parts.map((part, index) =>
            part.library ? <Folded key={index} part={part} /> : <Lines key={index} {...part} />,
          )}
        </div>
        <CopyButton text={() => wholeTraceback(error)} />
      </div>
    </details>
  );
}

function Folded({ part }: { part: TracebackPart }) {
  const [open, setOpen] = useState(false);
  const frames = part.frames === 1 ? "1 frame" : `${part.frames} frames`;
  return (
    <details class="nbagent-frames" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{`${frames} of ${part.library}${open ? "" : " hidden"}`}</summary>
      {open && <Lines text={part.text} />}
    </details>
  );
}

function Lines({ text }: { text: string }) {
  return (
    <pre>
      {text
        .trimEnd()
        .split("\n")
        .map((line, index) => (
          <span key={index} data-line={kindOf(line)}>
            <Ansi text={line} />
            {"\n"}
          </span>
        ))}
    </pre>
  );
}
