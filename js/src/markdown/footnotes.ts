/**
 * Footnotes of one text: numbered in the order in which they are referred to, their texts at the end.
 * A text may come long after the reference to it, or never.
 */
import type { Refreshable } from "./view";

const LABEL = "data-nbagent-note";

interface Note {
  number: number;
  /** Null as long as it is not defined. */
  body: HTMLElement | null;
}

export class Footnotes {
  readonly #root: HTMLElement;
  /** Ids must differ from those of every other text in the page. */
  readonly #prefix = `nbagent-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`;
  readonly #notes = new Map<string, Note>();
  readonly #users = new Map<string, Set<Refreshable>>();
  #section: HTMLElement | null = null;
  #stale = false;

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** Where the texts stand, once there is one. */
  get section(): HTMLElement | null {
    return this.#section;
  }

  isDefined(label: string): boolean {
    return this.#notes.get(label)?.body != null;
  }

  /** Remembers who refers to these notes. */
  used(labels: readonly string[], part: Refreshable): void {
    for (const label of labels) {
      const users = this.#users.get(label) ?? new Set();
      this.#users.set(label, users.add(part));
    }
  }

  /** Those who refer to a note that does not exist. */
  usersOfMissing(): Refreshable[] {
    return [...this.#users].flatMap(([label, users]) => (this.isDefined(label) ? [] : [...users]));
  }

  /** The mark in the text. */
  reference(label: string): HTMLElement {
    const mark = document.createElement("sup");
    mark.className = "nbagent-note";
    mark.setAttribute(LABEL, label);
    this.#stale ||= !this.#notes.has(label);
    this.#write(mark, this.#note(label));
    return mark;
  }

  /** The element for a note's text; of several texts for one note the first is shown. */
  define(label: string): HTMLElement {
    const note = this.#note(label);
    const body = document.createElement("li");
    if (note.body !== null) return body;
    note.body = body;
    const back = document.createElement("a");
    back.className = "nbagent-note-back";
    back.textContent = "↩";
    body.append(back);
    this.#stale = true;
    return body;
  }

  /** Brings marks and texts together, after a step that added some; `done`: with their final numbers. */
  settle(done: boolean): void {
    if (this.#notes.size === 0 || !(this.#stale || done)) return;
    this.#stale = false;
    // A note's own text may refer to others, which are found once it hangs in the page.
    while (this.#arrange(done));
  }

  /** Returns whether there are more texts than before. */
  #arrange(done: boolean): boolean {
    const marks = [...this.#root.querySelectorAll<HTMLElement>(`sup[${LABEL}]`)];
    if (done) this.#renumber(marks);
    const seen = new Map<Note, number>();
    for (const mark of marks) {
      const note = this.#note(mark.getAttribute(LABEL) ?? "");
      const count = (seen.get(note) ?? 0) + 1;
      seen.set(note, count);
      this.#write(mark, note);
      mark.id = this.#id("ref", note.number) + (count > 1 ? `-${count}` : "");
    }
    const before = this.#section?.firstElementChild?.childElementCount ?? 0;
    this.#showTexts([...seen.keys()]);
    return (this.#section?.firstElementChild?.childElementCount ?? 0) > before;
  }

  #note(label: string): Note {
    const known = this.#notes.get(label);
    if (known) return known;
    const note: Note = { number: 0, body: null };
    this.#notes.set(label, note);
    return note;
  }

  #renumber(marks: readonly HTMLElement[]): void {
    let next = 1;
    for (const note of this.#notes.values()) note.number = 0;
    for (const mark of marks) {
      const note = this.#note(mark.getAttribute(LABEL) ?? "");
      if (note.number === 0) note.number = next++;
    }
  }

  #id(kind: string, number: number): string {
    return `${this.#prefix}-${kind}-${number}`;
  }

  #write(mark: HTMLElement, note: Note): void {
    if (note.number === 0)
      note.number = 1 + Math.max(...[...this.#notes.values()].map((n) => n.number));
    const link = document.createElement("a");
    link.textContent = String(note.number);
    if (note.body) point(link, this.#id("note", note.number), `Footnote ${note.number}`);
    mark.replaceChildren(link);
  }

  #showTexts(notes: readonly Note[]): void {
    const shown = notes.filter((note) => note.body).sort((a, b) => a.number - b.number);
    if (shown.length === 0) return;
    this.#section ??= this.#makeSection();
    const bodies = shown.map(({ number, body }) => {
      const element = body as HTMLElement;
      element.id = this.#id("note", number);
      element.tabIndex = -1;
      const back = element.querySelector<HTMLAnchorElement>(":scope > .nbagent-note-back");
      if (back) point(back, this.#id("ref", number), `Back to reference ${number}`);
      return element;
    });
    const list = this.#section.firstElementChild;
    if (list && bodies.some((body, index) => list.children[index] !== body))
      list.replaceChildren(...bodies);
  }

  #makeSection(): HTMLElement {
    const section = document.createElement("section");
    section.className = "nbagent-notes";
    section.setAttribute("aria-label", "Footnotes");
    section.append(document.createElement("ol"));
    this.#root.append(section);
    return section;
  }
}

function point(link: HTMLAnchorElement, id: string, label: string): void {
  link.setAttribute("href", `#${id}`);
  link.dataset.nbagentTo = id;
  link.setAttribute("aria-label", label);
}
