/** Markdown as it grows: what is closed is put into the page once, the end is brought up to date. */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type Insert, onDecorationClick } from "../markdown/decorate";
import { LiveMarkdown } from "../markdown/live";
import { loadFrom } from "./asset-modules";
import { useView } from "./context";
import { copyText } from "./copy";
import { Writer } from "./writer";

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
  const writer = useRef<Writer | null>(null);
  const canInsert = insert !== undefined;
  useLayoutEffect(() => {
    if (element.current === null) return;
    if (writer.current === null) {
      loadFrom(store.assets);
      writer.current = new Writer(new LiveMarkdown(element.current, { insert: canInsert }));
    }
    writer.current.write(text, done);
  }, [text, done, canInsert, store]);
  useEffect(() => () => writer.current?.dispose(), []);
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
