/**
 * Stands in for the `entities` package in the bundle: the browser knows all named characters, so
 * that 110 KiB of tables need not travel with every widget.
 */
let decoder: HTMLTextAreaElement | undefined;

/** The character that `entity` (with its semicolon) means, or `entity` itself when it means none. */
export function decodeHTMLStrict(entity: string): string {
  decoder ??= document.createElement("textarea");
  // Text alone: nothing that stands in a textarea becomes an element.
  decoder.innerHTML = entity;
  const text = decoder.value;
  // A known prefix without its semicolon (&copyx;) is decoded by browsers, not by CommonMark.
  return text.endsWith(";") && text !== ";" ? entity : text;
}
