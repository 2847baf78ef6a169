/** Terminal output: ANSI colours and weights; what else a terminal understands is left out. */
import type { JSX } from "preact";

const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are control characters
  /\x1b\[([\d;:]*)m|\x1b\[[\d;:?]*[@-~]?|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_=>]?|[\x07\b]/g;
const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const CUBE = [0, 95, 135, 175, 215, 255];
const SETS: Record<number, string> = {
  1: "bold",
  2: "faint",
  3: "italic",
  4: "underline",
  7: "inverse",
  9: "strike",
};
const ENDS: Record<number, readonly string[]> = {
  22: ["bold", "faint"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
};

const LIGHTNESS = "clamp(var(--nbagent-darkest), l, var(--nbagent-lightest))";

interface Style {
  marks: readonly string[];
  /** A name for a class, or a CSS colour. */
  colour: string;
  background: string;
}

const PLAIN: Style = { marks: [], colour: "", background: "" };

interface AnsiProps {
  text: string;
  /** Where what is shown begins; the colours that were set before hold on. */
  start?: number;
}

export function Ansi({ text, start = 0 }: AnsiProps): JSX.Element {
  return <>{spans(start > 0 ? text : overwrite(text), start)}</>;
}

/**
 * What stands in each line after its carriage returns. The kernel has played what tools print on a
 * terminal of its own; a traceback or a text that was returned comes as it is.
 */
function overwrite(text: string): string {
  if (!text.includes("\r")) return text;
  return text
    .replace(/\r+\n/g, "\n")
    .replace(/[^\n]*\r(?=[^\n\r])/g, "")
    .replace(/\r/g, "");
}

function spans(text: string, start: number): (string | JSX.Element)[] {
  const pieces: (string | JSX.Element)[] = [];
  let style = PLAIN;
  let from = 0;
  for (const match of text.matchAll(ESCAPE)) {
    if (match.index > start)
      pieces.push(span(text.slice(Math.max(from, start), match.index), style));
    from = match.index + match[0].length;
    if (match[1] !== undefined) style = restyle(style, match[1]);
  }
  pieces.push(span(text.slice(Math.max(from, start)), style));
  return pieces;
}

function span(text: string, style: Style): string | JSX.Element {
  if (style === PLAIN || text === "") return text;
  const { colour, background, marks } = style;
  const names = marks.map((mark) => `nbagent-ansi-${mark}`);
  if (COLOURS.includes(colour)) names.push(`nbagent-ansi-${colour}`);
  if (COLOURS.includes(background)) names.push(`nbagent-ansi-on-${background}`);
  const css = {
    ...(colour.startsWith("rgb") && { color: readable(colour, background) }),
    ...(background.startsWith("rgb") && { backgroundColor: background }),
  };
  return (
    <span class={names.join(" ")} style={css}>
      {text}
    </span>
  );
}

/** `colour` in a lightness that can be read on the theme's ground; on a ground of its own as it is. */
const readable = (colour: string, background: string) =>
  background === "" ? `oklch(from ${colour} ${LIGHTNESS} c h)` : colour;

function restyle(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/).map(Number);
  let next = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      // An extended colour takes its parameters along: 5;n or 2;r;g;b.
      const colour = extended(codes.slice(i + 1));
      next = { ...next, [code === 38 ? "colour" : "background"]: colour };
      i += codes[i + 1] === 5 ? 2 : 4;
    } else next = apply(next, code);
  }
  return next;
}

function apply(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  const mark = SETS[code];
  if (mark) return { ...style, marks: [...style.marks.filter((known) => known !== mark), mark] };
  const ended = ENDS[code];
  if (ended) return { ...style, marks: style.marks.filter((known) => !ended.includes(known)) };
  const [tens, name] = [Math.floor(code / 10), COLOURS[code % 10] ?? ""];
  if (tens === 3 || tens === 9) return { ...style, colour: name };
  if (tens === 4 || tens === 10) return { ...style, background: name };
  return style;
}

function extended([kind, first = 0, second = 0, third = 0]: number[]): string {
  if (kind === 2) return `rgb(${first}, ${second}, ${third})`;
  if (kind !== 5) return "";
  if (first < 16) return COLOURS[first % 8] ?? "";
  if (first >= 232) return grey(8 + (first - 232) * 10);
  const place = first - 16;
  const channel = (base: number) => CUBE[Math.floor(place / base) % 6] ?? 0;
  return `rgb(${channel(36)}, ${channel(6)}, ${channel(1)})`;
}

const grey = (level: number) => `rgb(${level}, ${level}, ${level})`;
