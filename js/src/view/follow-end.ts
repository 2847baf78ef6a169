/** A box that stays at its end while it grows, as a terminal does, unless the reader scrolls up. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** So near to the end counts as the end. */
const NEAR_PX = 12;

/** Keeps `box` at its end whenever `content` changes; returns its scroll handler. */
export function useFollowedEnd(
  box: RefObject<HTMLElement | null>,
  content: readonly unknown[],
  wanted = true,
): (event: { currentTarget: HTMLElement }) => void {
  const following = useRef(true);
  useLayoutEffect(() => {
    // To ask for a height out of sight would make the browser lay out what it skips.
    const skipped = box.current?.closest('[data-skips="true"]');
    if (wanted && box.current && !skipped && following.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, content);
  return ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
    following.current = scrollHeight - clientHeight - scrollTop < NEAR_PX;
  };
}
