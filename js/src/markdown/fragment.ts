/** A piece of inline Markdown as nodes that are safe to put into the page. */
import { decorate } from "./decorate";
import { type Html, inlineHtml } from "./html";
import { sanitizeModel } from "./sanitize";
import { Slots } from "./slots";
import type { Refreshable, Scope } from "./view";

/** The nodes of `text`; `part` is made again when a label that it uses is defined later. */
export function fragmentOf(text: string, scope: Scope, part: Refreshable): DocumentFragment {
  const { root, notes, missed } = scope.reader.read(text);
  scope.await(missed, part);
  scope.notes.used(notes, part);
  const slots = slotsOf(scope);
  return toFragment(inlineHtml(root, slots), slots);
}

export const slotsOf = (scope: Scope) => new Slots((label) => scope.notes.reference(label));

export function toFragment(html: Html, slots: Slots): DocumentFragment {
  const fragment = html.raw ? decorate(sanitizeModel(html.text)) : parse(html.text);
  slots.fill(fragment);
  return fragment;
}

/** What a parser would not take as it stands. */
const MARKUP = /[<&\r]/;

/** Only for HTML that is safe by construction (html.ts). */
function parse(html: string): DocumentFragment {
  // Most cells of a table are a word or a number: to start the browser's parser costs more than they do.
  if (!MARKUP.test(html)) {
    const fragment = document.createDocumentFragment();
    if (html !== "") fragment.append(html);
    return fragment;
  }
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}
