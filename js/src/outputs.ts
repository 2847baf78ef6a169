/** What a call put out, as ops change it: pure functions from list to list. */
import type { Bundle, Output } from "./views";
import type { Op } from "./wire";

type Outputs = readonly Output[];

/** With `output` at the end; text of the same stream goes on where the last one ended. */
export function appendOutput(outputs: Outputs, output: Output): Outputs {
  const last = outputs.at(-1);
  if (output.kind === "stream" && last?.kind === "stream" && last.name === output.name) {
    return outputs.with(-1, { ...last, text: last.text + output.text });
  }
  return [...outputs, output];
}

/** The last output, a stream, with other lines at its end and fewer at its beginning. */
export function rewrite(outputs: Outputs, op: Extract<Op, { op: "rewrite" }>): Outputs {
  const last = outputs.at(-1);
  if (last?.kind !== "stream") return outputs;
  const kept = withoutLast(last.text, op.last) + op.text;
  return outputs.with(-1, { ...last, text: withoutFirst(kept, op.first), hidden: op.hidden });
}

/** `bundle` in the place of everything that was displayed under `id`. */
export function update(outputs: Outputs, id: string, bundle: Bundle): Outputs {
  return outputs.map((output) =>
    output.kind === "display" && output.display_id === id ? { ...output, bundle } : output,
  );
}

/** A line is what follows a line break, also when nothing follows. */
function withoutLast(text: string, lines: number): string {
  let end = text.length;
  for (let line = 0; line < lines && end >= 0; line += 1) {
    end = end === 0 ? -1 : text.lastIndexOf("\n", end - 1);
  }
  return lines > 0 ? text.slice(0, end + 1) : text;
}

function withoutFirst(text: string, lines: number): string {
  let start = 0;
  for (let line = 0; line < lines; line += 1) {
    start = text.indexOf("\n", start) + 1;
    if (start === 0) return "";
  }
  return text.slice(start);
}
