/** Where the person writes. Enter sends, Shift+Enter breaks the line, Escape stops a run. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Transcript } from "../wire";
import { useView } from "./context";
import { Icon } from "./icons";
import { StatusLine } from "./status";

/** Taller than this the text scrolls in its box. */
const TALLEST_PX = 200;

export function Composer({ transcript }: { transcript: Transcript }) {
  const { store } = useView();
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const idle = transcript.status === "idle";
  useLayoutEffect(() => {
    if (area.current) growToText(area.current);
  }, [text]);

  const send = () => {
    const words = text.trim();
    if (words === "" && idle) store.sendNext();
    else if (words !== "" && idle) store.ask(words);
    else if (words !== "") store.enqueue(words);
    setText("");
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a character, Enter belongs to it (229: Safari's way to say so).
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div class="nbagent-composer">
      <textarea
        ref={area}
        rows={1}
        aria-label="Message"
        placeholder={idle ? "Ask about your data" : "Enter queues the next question"}
        dir="auto"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="nbagent-composer-row">
        <StatusLine transcript={transcript} pending={store.pending !== null} />
        {idle ? (
          <button
            type="button"
            class="nbagent-send"
            aria-label="Send"
            title="Send (Enter)"
            disabled={text.trim() === "" && store.queue.length === 0}
            onClick={send}
          >
            <Icon name="send" />
          </button>
        ) : (
          <button
            type="button"
            class="nbagent-send nbagent-stop"
            aria-label="Stop"
            title="Stop (Escape)"
            onClick={() => store.send({ type: "stop" })}
          >
            <Icon name="stop" />
          </button>
        )}
      </div>
    </div>
  );
}

function growToText(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, TALLEST_PX)}px`;
  area.style.overflowY = area.scrollHeight > TALLEST_PX ? "auto" : "hidden";
}
