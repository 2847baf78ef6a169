/**
 * Files out of JupyterLab's own file browser. It drags by events of Lumino's, which have the names
 * of the browser's own with "lm-" before them. Of several files it hands over the paths, and a way
 * to read one of them; the others are fetched from where the host says that they can be.
 */
import { EACH, MOST, Refused } from "../attachments";
import type { Drags } from "./use-drops";

const FILE = "application/x-jupyter-icontentsrich";
const PATHS = "application/x-jupyter-icontents";

interface Contents {
  name: string;
  path?: string;
  type: string;
  format?: "text" | "base64" | "json" | null;
  mimetype?: string | null;
  content?: unknown;
  size?: number | null;
}

interface MimeData {
  hasData(type: string): boolean;
  getData(type: string): unknown;
}

interface HostDrag extends Event {
  mimeData?: MimeData;
  proposedAction?: string;
  dropAction?: string;
}

interface Dragged {
  model: Contents;
  withContent: () => Promise<Contents>;
}

/** Where the file at a path of the file browser can be fetched. */
export type UrlOf = (path: string) => Promise<string>;

export function hostFiles(
  urlOf: UrlOf | undefined,
  onFiles: (files: File[], problem: string) => void,
): Drags<HostDrag> {
  return {
    prefix: "lm-",
    carries: ({ mimeData }) => mimeData?.hasData(FILE) === true,
    accept: (drag) => {
      drag.dropAction = drag.proposedAction ?? "none";
    },
    drop: ({ mimeData }) => {
      if (mimeData) void readAll(mimeData, urlOf).then((read) => onFiles(...read));
    },
  };
}

async function readAll(data: MimeData, urlOf?: UrlOf): Promise<[File[], string]> {
  const last = data.getData(FILE) as Dragged;
  const paths = data.hasData(PATHS) ? (data.getData(PATHS) as string[]) : [];
  if (paths.length > MOST) return [[], `A question may have ${MOST} files, not ${paths.length}.`];
  if (paths.length > 1 && !urlOf) return [[], "Drag one file at a time out of the file browser."];
  const others = paths.length > 1 && urlOf;
  const reads = others
    ? paths.map((path) => (path === last.model.path ? read(last) : fetched(path, others)))
    : [read(last)];
  const settled = await Promise.allSettled(reads);
  const files = settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const problems = settled.flatMap((each) =>
    each.status === "rejected" ? [(each.reason as Error).message] : [],
  );
  return [files, problems.join(" ")];
}

async function read({ model, withContent }: Dragged): Promise<File> {
  const { name, type, size } = model;
  if (type === "directory") throw new Refused(`“${name}” is a folder; drag a file.`);
  // Too large is said from the size alone: nothing has to be read for it.
  if ((size ?? 0) > EACH) return sized(name, size ?? 0);
  return fileOf(await withContent().catch(unread(name)));
}

async function fetched(path: string, urlOf: UrlOf): Promise<File> {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const end = new AbortController();
  const get = async () => fetch(await urlOf(path), { signal: end.signal });
  const response = await get().catch(unread(name));
  // What it answers instead of a folder differs from server to server.
  if (!response.ok) throw new Refused(`“${name}” cannot be read; folders cannot be attached.`);
  const size = Number(response.headers.get("Content-Length"));
  if (size > EACH) {
    end.abort();
    return sized(name, size);
  }
  const blob = await response.blob().catch(unread(name));
  return new File([blob], name, { type: blob.type });
}

const unread = (name: string) => (error: Error) => {
  throw new Refused(`“${name}” cannot be read: ${error.message}`);
};

const sized = (name: string, size: number) =>
  Object.defineProperty(new File([], name), "size", { value: size });

function fileOf({ name, format, content, mimetype }: Contents): File {
  const type = mimetype ?? "";
  if (format === "json") return new File([JSON.stringify(content)], name, { type });
  const text = String(content);
  if (format !== "base64") return new File([text], name, { type });
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new File([bytes], name, { type });
}
