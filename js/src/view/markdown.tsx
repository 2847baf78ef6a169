/** Markdown as it grows: what is closed is put into the page once, the end is brought up to date. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Insert, onDecorationClick } from "../markdown/decorate";
import { LiveMarkdown } from "../markdown/live";
import { setMathsLoader } from "../markdown/maths";
import { useView } from "./context";
import { copyText } from "./copy";
import { mathsFrom } from "./maths";
import { usePaced } from "./pace";

interface MarkdownProps {
  text: string;
  done: boolean;
  /** The data-nbagent name of the element that holds the rendered text. */
  name?: string;
  /** Puts code into a new cell; without it no such button is shown. */
  insert?: Insert;
}

export function Markdown({ text, done, name, insert }: MarkdownProps) {
  const { announce, store } = useView();
  const element = useRef<HTMLDivElement>(null);
  const live = useRef<LiveMarkdown | null>(null);
  const due = usePaced(() => text, text, done);
  const canInsert = insert !== undefined;
  useLayoutEffect(() => {
    if (element.current === null) return;
    if (live.current === null) {
      setMathsLoader(mathsFrom(store.assets));
      live.current = new LiveMarkdown(element.current, { insert: canInsert });
    }
    live.current.update(due, done);
  }, [due, done, canInsert, store]);
  const copy = async (code: string) =>
    announce((await copyText(code)) ? "Copied" : "Copying failed");
  return (
    // Only the buttons inside take clicks; they are reached by keyboard as every button is.
    // biome-ignore lint/a11y/noStaticElementInteractions: one handler for the buttons inside
    // biome-ignore lint/a11y/useKeyWithClickEvents: a button's key press arrives as a click
    <div
      ref={element}
      class="nbagent-markdown"
      data-nbagent={name}
      onClick={(event) => onDecorationClick(event, copy, insert)}
    />
  );
}
