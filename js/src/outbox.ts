/**
 * What goes to the kernel and may fail there: questions with files, slash commands, switches. Each
 * has an id under which the kernel answers.
 */
import { type Attached, newId } from "./attachments";
import type { AnswerMessage, Command } from "./wire";

/** A question on its way or in the queue. */
export interface Question {
  text: string;
  files: readonly Attached[];
  /** The person's own slash command and the words behind it, where the text is one. */
  use?: { name: string; words: string };
}

type Send = (command: Command, buffers?: readonly ArrayBuffer[]) => void;
/** What the kernel answers. */
export type Answerable = Extract<
  Command,
  { type: "ask" | "use" | "clear" | "export" | "switch" | "call_again" }
>;
type Answered = (answer: Omit<AnswerMessage, "answer">) => void;

/** Jupyter's server closes the connection over a message of more than 10 MiB. */
const PIECE = 2_000_000;

export class Outbox {
  readonly #send: Send;
  readonly #waiting = new Map<string, Answered>();

  constructor(send: Send) {
    this.#send = send;
  }

  /** Sends a question; `done` hears of it only where it has more than words. */
  ask({ text, files, use }: Question, done: Answered): void {
    if (files.length === 0 && use === undefined) {
      this.#send({ type: "ask", text });
      return;
    }
    const ids = files.map(({ id }) => id);
    const command = use
      ? { type: "use" as const, name: use.name, text: use.words, files: ids }
      : { type: "ask" as const, text, files: ids };
    Promise.all(files.map(({ blob }) => blob.arrayBuffer())).then(
      (contents) => {
        files.forEach((file, index) => {
          this.#upload(file, contents[index] as ArrayBuffer);
        });
        this.request(command, done);
      },
      () => {
        done({ ok: false, asked: false, text: "A file cannot be read any more. Attach it again." });
      },
    );
  }

  /** Sends a command that is answered. */
  request(command: Answerable, done: Answered): void {
    const id = newId();
    this.#waiting.set(id, done);
    this.#send({ ...command, id });
  }

  /** The kernel's answer; that to another page's command is passed over. */
  answered({ answer, ...rest }: AnswerMessage): void {
    const done = this.#waiting.get(answer);
    this.#waiting.delete(answer);
    done?.(rest);
  }

  #upload({ id, name }: Attached, content: ArrayBuffer): void {
    const size = content.byteLength;
    for (let offset = 0; offset < size; offset += PIECE) {
      const piece = content.slice(offset, offset + PIECE);
      this.#send({ type: "upload", file: id, name, size, offset }, [piece]);
    }
  }
}
