/** Where the person writes. Enter sends, Shift+Enter breaks the line, Escape stops a run. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Status } from "../wire";
import { useView } from "./context";
import { Icon } from "./icons";
import { StatusLine } from "./status";

/** Taller than this the text scrolls in its box. */
const TALLEST_PX = 200;

export function Composer({ status, model }: { status: Status; model: string }) {
  const { store } = useView();
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  const idle = status === "idle";
  useLayoutEffect(() => {
    if (area.current) growToText(area.current);
  }, [text]);

  const send = () => {
    if (!idle || text.trim() === "") return;
    store.ask(text.trim());
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
        placeholder={idle ? "Ask about your data" : "Write the next question meanwhile"}
        dir="auto"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div class="nbagent-composer-row">
        <StatusLine status={status} model={model} pending={store.pending !== null} />
        {idle ? (
          <button
            type="button"
            class="nbagent-send"
            aria-label="Send"
            title="Send (Enter)"
            disabled={text.trim() === ""}
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
