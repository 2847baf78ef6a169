/** A box that stays at its end while it grows, as a terminal does, unless the reader scrolls up. */
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { onceLaidOut } from "./frames";

/** So near to the end counts as the end. */
const NEAR_PX = 12;

/** Keeps `box` at its end whenever `content` changes; returns its scroll handler. */
export function useFollowedEnd(
  box: RefObject<HTMLElement | null>,
  content: readonly unknown[],
  wanted = true,
): (event: { currentTarget: HTMLElement }) => void {
  const following = useRef(true);
  const isNew = useRef(true);
  useLayoutEffect(() => {
    const { current } = box;
    if (!wanted || current === null || !following.current) return;
    const toEnd = () => {
      current.scrollTop = current.scrollHeight;
    };
    // To ask for its height now would make the browser lay out all that is drawn with it.
    if (isNew.current) return onceLaidOut(current, toEnd);
    // Out of sight it would make it lay out what it skips.
    if (current.closest('[data-skips="true"]') === null) toEnd();
  }, content);
  useLayoutEffect(() => {
    isNew.current = false;
  }, []);
  return ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
    following.current = scrollHeight - clientHeight - scrollTop < NEAR_PX;
  };
}
