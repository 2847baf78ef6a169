/** The drawings: 16 by 16, stroked in the text's colour, hidden from screen readers. */
import type { JSX } from "preact";

const PATHS = {
  check: "M3.5 8.5l3 3 6-7",
  chevron: "M6 4l4 4-4 4",
  clip: "M13.2 7.4l-5.4 5.4a3.2 3.2 0 0 1-4.6-4.6l5.8-5.8a2.1 2.1 0 0 1 3 3l-5.7 5.7a1 1 0 0 1-1.5-1.4l5.2-5.2",
  clock: "M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z",
  copy: "M5.5 5.5V3.2c0-.4.3-.7.7-.7h6.6c.4 0 .7.3.7.7v6.6c0 .4-.3.7-.7.7h-2.3M3.2 5.5h6.6c.4 0 .7.3.7.7v6.6c0 .4-.3.7-.7.7H3.2a.7.7 0 0 1-.7-.7V6.2c0-.4.3-.7.7-.7z",
  cross: "M4 4l8 8M12 4l-8 8",
  down: "M8 3v10M4 9l4 4 4-4",
  file: "M9 2H4.2c-.4 0-.7.3-.7.7v10.6c0 .4.3.7.7.7h7.6c.4 0 .7-.3.7-.7V5.5zM9 2v3.5h3.5",
  hand: "M8 5v3.5M8 11h.01M8 1.8l6.4 11.4H1.6z",
  pause: "M6 4v8M10 4v8",
  pencil: "M3 13l.7-3L11 2.7l2.3 2.3L6 12.3z",
  question:
    "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM6.2 6.3a1.8 1.8 0 1 1 2.7 1.6c-.6.3-.9.6-.9 1.2M8 11.2h.01",
  retry: "M13 8a5 5 0 1 1-1.5-3.6M13 2.5V5h-2.5",
  send: "M8 13V3M4 7l4-4 4 4",
  slash: "M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM3.8 3.8l8.4 8.4",
  spark: "M8 2l1.4 4.6L14 8l-4.6 1.4L8 14l-1.4-4.6L2 8l4.6-1.4z",
  stop: "M4.5 4.5h7v7h-7z",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 6.5v6",
  dots: "M3.5 8h.01M8 8h.01M12.5 8h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="nbagent-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A ring that turns, or merely stands there for people who asked for less motion. */
export function Spinner(): JSX.Element {
  return <span class="nbagent-spinner" aria-hidden="true" />;
}
