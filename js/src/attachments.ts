/**
 * Files that the person wants to ask about: what can be attached, and why something cannot. The
 * kernel checks again; what can be said before anything is sent is said here.
 */

export const EACH = 10_000_000;
export const TOGETHER = 20_000_000;
/** Of text, which the model reads whole; of a table it reads the beginning. */
export const TEXT = 1_000_000;
export const MOST = 20;

export type Kind = "image" | "document" | "table" | "text";

export interface Attached {
  id: string;
  name: string;
  size: number;
  kind: Kind;
  type: string;
  blob: Blob;
}

/** A file cannot be attached; the message says which and why, for the person. */
export class Refused extends Error {
  override name = "Refused";
}

/** What the dialog for files offers at first; what it lets through is looked at all the same. */
export const ACCEPT =
  "image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*,.csv,.tsv,.json,.jsonl,.md,.py,.ipynb,.toml,.yaml,.yml,.sql,.r,.log,.xml,.ini,.tex";

const HEAD = 65_536;
const IMAGES: readonly (readonly [type: string, ...magic: number[]])[] = [
  ["image/png", 0x89, 0x50, 0x4e, 0x47],
  ["image/jpeg", 0xff, 0xd8, 0xff],
  ["image/gif", 0x47, 0x49, 0x46, 0x38],
];

/** The file as an attachment. Throws Refused. */
export async function inspect(file: File): Promise<Attached> {
  const { name, size } = file;
  if (size > EACH) throw new Refused(`“${name}” has ${mb(size)}; a file may have ${mb(EACH)}.`);
  const head = await headOf(file);
  if (head.length === 0) throw new Refused(`“${name}” is empty.`);
  const { kind, type } = kindOf(name, head);
  if (kind === "text" && size > TEXT) {
    throw new Refused(`“${name}” has ${mb(size)} of text; at most ${mb(TEXT)} can be read.`);
  }
  return { id: newId(), name: name || "file", size, kind, type, blob: file };
}

async function headOf(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  } catch {
    // A folder that was dropped, or a file that is gone.
    throw new Refused(`“${file.name}” cannot be read; folders cannot be attached.`);
  }
}

function kindOf(name: string, head: Uint8Array): { kind: Kind; type: string } {
  const image = imageType(head);
  if (image) return { kind: "image", type: image };
  if (ascii(head, 0, 5) === "%PDF-") return { kind: "document", type: "application/pdf" };
  if (!isText(head)) {
    throw new Refused(
      `“${name}” cannot be attached: it is neither an image (PNG, JPEG, GIF, WebP), nor a PDF, nor text.`,
    );
  }
  if (/\.(?:csv|tsv|tab)$/i.test(name)) return { kind: "table", type: "text/csv" };
  return { kind: "text", type: "text/plain" };
}

function imageType(head: Uint8Array): string | undefined {
  if (ascii(head, 0, 4) === "RIFF" && ascii(head, 8, 12) === "WEBP") return "image/webp";
  return IMAGES.find(([, ...magic]) => magic.every((byte, at) => head[at] === byte))?.[0];
}

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false;
  try {
    // As a stream: a letter that the end of the piece cuts in two is no mistake.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** As many of `more` as may be added to `have`, and why others may not. */
export function fitting(have: readonly Attached[], more: readonly Attached[]) {
  const files = [...have];
  const problems: string[] = [];
  for (const file of more) {
    const together = files.reduce((sum, { size }) => sum + size, file.size);
    if (files.length >= MOST) problems.push(`“${file.name}” is one more than ${MOST} files.`);
    else if (together > TOGETHER) {
      problems.push(
        `With “${file.name}” it would be ${mb(together)}; a question may have ${mb(TOGETHER)}.`,
      );
    } else files.push(file);
  }
  return { files, problems };
}

interface Seeing {
  images: boolean;
  files: boolean;
}

/** Why the model cannot be asked about these files, or nothing. */
export function unseen(files: readonly Attached[], model: string, can: Seeing): string {
  const image = can.images ? undefined : files.find(({ kind }) => kind === "image");
  if (image) return `${model} cannot see images: remove “${image.name}”, or switch with /model.`;
  const document = can.files ? undefined : files.find(({ kind }) => kind === "document");
  if (!document) return "";
  return `${model} cannot read PDF files: remove “${document.name}”, or switch with /model.`;
}

const mb = (size: number) => `${Number((size / 1e6).toFixed(1))} MB`;

/** A name for what is sent, unlike those of other pages. (randomUUID needs a secure origin.) */
export const newId = () => `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 10)}`;
