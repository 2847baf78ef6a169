/** Markdown as it grows: closed blocks are put into the page once, the tail is brought up to date. */
import { memo } from "preact/compat";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { BlockSplitter, type OpenCode } from "../markdown/blocks";
import { decorate, onDecorationClick } from "../markdown/decorate";
import { morph } from "../markdown/morph";
import { sanitizeModel } from "../markdown/sanitize";
import { useView } from "./context";
import { copyText } from "./copy";
import { usePaced } from "./pace";

interface MarkdownProps {
  text: string;
  done: boolean;
  /** The data-nbagent name of the element that holds the rendered text. */
  name?: string;
}

export function Markdown({ text, done, name }: MarkdownProps) {
  const { announce } = useView();
  const splitter = useMemo(() => new BlockSplitter(), []);
  const blocks = usePaced(() => splitter.update(text, done), text, done);
  const copy = async (code: string) =>
    announce((await copyText(code)) ? "Copied" : "Copying failed");
  return (
    // Only the buttons inside take clicks; they are reached by keyboard as every button is.
    // biome-ignore lint/a11y/noStaticElementInteractions: one handler for the buttons inside
    // biome-ignore lint/a11y/useKeyWithClickEvents: a button's key press arrives as a click
    <div
      class="nbagent-markdown"
      data-nbagent={name}
      dir="auto"
      onClick={(event) => onDecorationClick(event, copy)}
    >
      {[...blocks.closed, ...blocks.open].map((block) => (
        <Html key={block.id} html={block.unsafeHtml} />
      ))}
      {blocks.code && <Code key={`code-${blocks.code.id}`} code={blocks.code} />}
    </div>
  );
}

function Code({ code }: { code: OpenCode }) {
  return (
    <div>
      <div class="nbagent-code" data-language={code.language}>
        <pre tabIndex={0}>
          <code>{code.text}</code>
        </pre>
      </div>
    </div>
  );
}

/** Unsafe HTML, made safe, as the children of one element; a block that stays costs nothing. */
const Html = memo(function Html({ html }: { html: string }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (element.current) morph(element.current, decorate(sanitizeModel(html)));
  }, [html]);
  return <div ref={element} />;
});
