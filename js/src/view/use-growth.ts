/** A field as tall as its text. */
import { useLayoutEffect } from "preact/hooks";

/** Ten lines and the padding; what is longer scrolls in its box. */
const TALLEST_PX = 226;

export function useGrowth(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    if (field.current) growToText(field.current);
  }, [text]);
}

function growToText(field: HTMLTextAreaElement): void {
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight, TALLEST_PX)}px`;
  field.style.overflowY = field.scrollHeight > TALLEST_PX ? "auto" : "hidden";
}
