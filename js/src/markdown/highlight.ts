/**
 * Colours for code that is whole. The highlighter is large, so it is fetched while the person writes,
 * or when the first code block begins; until then, and where it cannot be had, code is plain. Only
 * colours change, so nothing moves when they come.
 */
import { warnWithout } from "../assets";
import { whenIdle } from "../idle";
import { colourJson } from "./json-colours";

export interface Highlighter {
  /** Escaped HTML with hljs-* classes, or null when the language is unknown. */
  highlight(code: string, language: string): string | null;
}

export type HighlighterLoader = () => Promise<Highlighter>;

/** Longer code would hold up the page for more than a frame or two. */
const LONGEST = 40_000;
/** Up to here the colours cost less than a frame's rest, and come with the code. */
const SHORT = 3000;

/** So long may the first colours hold up the page. */
const AT_ONCE_MS = 12;

/** A language's first use takes as long as some hundred lines of it. */
const LIKELY = "python";
const FIRST = "x = 1";

let load: HighlighterLoader | null = null;
let highlighter: Highlighter | null = null;
let loading = false;
/** What waits for its colours, oldest first; an element that left the page is not kept by it. */
let queue: WeakRef<HTMLElement>[] = [];
const languages = new WeakMap<HTMLElement, string>();
let idling = false;

/** Says how the highlighter is fetched, unless it is there. With null, code is plain from now on. */
export function setHighlighterLoader(loader: HighlighterLoader | null): void {
  load = loader;
  loading = false;
  if (loader !== null) return;
  highlighter = null;
  queue = [];
}

/** Fetches the highlighter: code of this language is about to come. */
export function expectCode(language: string): void {
  if (language !== "" && !isJson(language)) prepareColours();
}

/** Fetches the highlighter, so that the first code has its colours from the beginning. */
export function prepareColours(): void {
  if (highlighter !== null || loading || load === null) return;
  loading = true;
  load().then(
    (loaded) => {
      highlighter = loaded;
      if (queue.length === 0) whenIdle(() => loaded.highlight(FIRST, LIKELY));
      // Of what waits, as much as fits into the task that brought it.
      const end = performance.now() + AT_ONCE_MS;
      paintWhile(() => performance.now() < end);
      if (queue.length > 0) pump();
    },
    (error: unknown) => {
      queue = [];
      warnWithout("code stays plain: its highlighter could not be loaded", error);
    },
  );
}

/** Escaped HTML with hljs-* classes, or null when there are no colours for this code (yet). */
export function highlight(code: string, language: string): string | null {
  if (code.length > LONGEST) return null;
  if (isJson(language)) return colourJson(code);
  return highlighter?.highlight(code, language) ?? null;
}

/** Colours the text of `element`, now or when there is time for it. */
export function colour(element: HTMLElement, language: string): void {
  const length = element.textContent?.length ?? 0;
  if (language === "" || length > LONGEST) return;
  languages.set(element, language);
  if (isJson(language) || (highlighter !== null && queue.length === 0 && length <= SHORT)) {
    paint(element);
    return;
  }
  queue.push(new WeakRef(element));
  if (highlighter === null) expectCode(language);
  else pump();
}

/** The text of `element` is not whole after all. */
export function leavePlain(element: HTMLElement): void {
  languages.delete(element);
}

/** Paints what waits, a piece of idle time after the other. */
function pump(): void {
  if (idling) return;
  idling = true;
  whenIdle((hasTime) => {
    idling = false;
    paintWhile(hasTime);
    if (queue.length > 0) pump();
  });
}

/** Paints at least one. */
function paintWhile(hasTime: () => boolean): void {
  while (queue.length > 0) {
    const element = queue.shift()?.deref();
    if (element) paint(element);
    if (!hasTime()) break;
  }
}

function paint(element: HTMLElement): void {
  const language = languages.get(element);
  if (language === undefined) return;
  languages.delete(element);
  const html = highlight(element.textContent ?? "", language);
  if (html !== null) element.innerHTML = html;
}

const isJson = (language: string) => language.toLowerCase() === "json";
