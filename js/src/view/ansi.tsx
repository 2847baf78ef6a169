/** Terminal output: ANSI colours as classes, carriage returns applied, everything else as text. */
import type { JSX } from "preact";

const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
  /\x1b\[([\d;]*)m|\x1b\[[\d;?]*[A-Za-ln-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_=>]/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

interface Style {
  colour: string;
  bold: boolean;
  underline: boolean;
}

const PLAIN: Style = { colour: "", bold: false, underline: false };

export function Ansi({ text }: { text: string }): JSX.Element {
  return <>{spans(overwrite(text))}</>;
}

/** What stands in each line after its carriage returns, as a terminal shows a progress bar. */
function overwrite(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .replace(/\r+\n/g, "\n")
    .replace(/[^\n]*\r(?=[^\n\r])/g, "")
    .replace(/\r/g, "");
}

function spans(text: string): (string | JSX.Element)[] {
  const pieces: (string | JSX.Element)[] = [];
  let style = PLAIN;
  let from = 0;
  const push = (piece: string) => {
    const name = classOf(style);
    if (piece) pieces.push(name ? <span class={name}>{piece}</span> : piece);
  };
  for (const match of text.matchAll(ESCAPE)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[1] !== undefined) style = restyle(style, match[1]);
  }
  push(text.slice(from));
  return pieces;
}

function restyle(style: Style, parameters: string): Style {
  const codes = parameters.split(";").map(Number);
  let next = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    // An extended colour takes its parameters along; we draw the named ones only.
    if (code === 38 || code === 48) i += codes[i + 1] === 5 ? 2 : 4;
    else next = apply(next, code);
  }
  return next;
}

function apply(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, bold: true };
  if (code === 22) return { ...style, bold: false };
  if (code === 4) return { ...style, underline: true };
  if (code === 24) return { ...style, underline: false };
  if (code === 39) return { ...style, colour: "" };
  if (code >= 30 && code <= 37) return { ...style, colour: COLOURS[code - 30] ?? "" };
  if (code >= 90 && code <= 97) return { ...style, colour: COLOURS[code - 90] ?? "" };
  return style;
}

function classOf(style: Style): string {
  const names = [
    style.colour && `nbagent-ansi-${style.colour}`,
    style.bold && "nbagent-ansi-bold",
    style.underline && "nbagent-ansi-underline",
  ];
  return names.filter(Boolean).join(" ");
}
