/**
 * Files out of JupyterLab's own file browser. It drags by events of Lumino's, which have the names
 * of the browser's own with "lm-" before them, and hands over one file with a way to read it.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { EACH } from "../attachments";

const FILE = "application/x-jupyter-icontentsrich";
const PATHS = "application/x-jupyter-icontents";

interface Contents {
  name: string;
  type: string;
  format?: "text" | "base64" | "json" | null;
  mimetype?: string | null;
  content?: unknown;
  size?: number | null;
}

interface HostDrag extends Event {
  mimeData?: { hasData(type: string): boolean; getData(type: string): unknown };
  proposedAction?: string;
  dropAction?: string;
}

interface Dragged {
  model: Contents;
  withContent: () => Promise<Contents>;
}

type Place = { current: HTMLElement | null };
type Take = (files: File[], problem: string) => void;

/** Lets them be dropped anywhere on the widget that `inside` is in; says whether one hovers. */
export function useHostDrop(inside: Place, onFiles: Take): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    const root = inside.current?.closest<HTMLElement>(".nbagent");
    if (!root) return;
    const end = new AbortController();
    for (const type of ["lm-dragenter", "lm-dragover", "lm-dragleave", "lm-drop"]) {
      const listen = (event: HostDrag) => {
        if (event.mimeData?.hasData(FILE) !== true) return;
        event.preventDefault();
        event.stopPropagation();
        event.dropAction = event.proposedAction ?? "none";
        setOver(type === "lm-dragenter" || type === "lm-dragover");
        if (type === "lm-drop") void read(event.mimeData).then((read) => take.current(...read));
      };
      root.addEventListener(type, listen, { signal: end.signal });
    }
    return () => end.abort();
  }, [inside]);
  return over;
}

async function read(data: NonNullable<HostDrag["mimeData"]>): Promise<Parameters<Take>> {
  const { model, withContent } = data.getData(FILE) as Dragged;
  const paths = data.hasData(PATHS) ? (data.getData(PATHS) as string[]) : [];
  if (paths.length > 1) return [[], "Drag one file at a time out of the file browser."];
  if (model.type === "directory") return [[], `“${model.name}” is a folder; drag a file.`];
  // Too large is said from the size alone: nothing has to be read for it.
  if ((model.size ?? 0) > EACH) return [[sized(model)], ""];
  try {
    return [[fileOf(await withContent())], ""];
  } catch (error) {
    return [[], `“${model.name}” cannot be read: ${(error as Error).message}`];
  }
}

const sized = ({ name, size }: Contents) =>
  Object.defineProperty(new File([], name), "size", { value: size });

function fileOf({ name, format, content, mimetype }: Contents): File {
  const type = mimetype ?? "";
  if (format === "json") return new File([JSON.stringify(content)], name, { type });
  const text = String(content);
  if (format !== "base64") return new File([text], name, { type });
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new File([bytes], name, { type });
}
