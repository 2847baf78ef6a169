/** A field as tall as its text. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { onceLaidOut } from "./frames";

/** Ten lines and the padding; what is longer scrolls in its box. */
const TALLEST_PX = 226;

export function useGrowth(field: { current: HTMLTextAreaElement | null }, text: string): void {
  const isNew = useRef(true);
  useLayoutEffect(() => {
    const { current } = field;
    const first = isNew.current;
    isNew.current = false;
    if (current === null) return;
    // With the widget the whole conversation would have to be laid out at once.
    if (first) return onceLaidOut(current, () => growToText(current));
    growToText(current);
  }, [text]);
}

function growToText(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, TALLEST_PX)}px`;
  field.style.overflowY = field.scrollHeight > TALLEST_PX ? "auto" : "hidden";
}
