/** Attaching files to a question: the button, the dropping place, and what is attached so far. */
import { useEffect, useRef, useState } from "preact/hooks";
import { ACCEPT, type Attached, inspect, Refused } from "../attachments";
import { bytes } from "./attachments";
import { Icon } from "./icons";

/** What of `files` can be attached, and why the rest cannot. */
export async function inspectAll(files: readonly File[]) {
  const found: Attached[] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      found.push(await inspect(file));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problems.push(error.message);
    }
  }
  return { found, problems };
}

/** The files that a paste is about: none where words came along, as from a spreadsheet. */
export function pastedFiles(data: DataTransfer | null): File[] {
  if (data === null || [...data.types].some((type) => /^text\/(?:html|rtf)$/.test(type))) return [];
  return [...data.files].map(named);
}

/** A picture from the clipboard has the same name in every browser; it is told what it is. */
function named(file: File, index: number): File {
  const [, type] = /^image\.(\w+)$/.exec(file.name) ?? [];
  if (type === undefined) return file;
  const name = `pasted-image${index > 0 ? `-${index + 1}` : ""}.${type}`;
  return new File([file], name, { type: file.type });
}

export function AttachButton({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={ACCEPT}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          // The same file can be picked again after it was removed.
          event.currentTarget.value = "";
        }}
      />
      <button
        type="button"
        class="nbagent-quiet nbagent-attach"
        aria-label="Attach files"
        title="Attach images, tables, text or PDF (or drop or paste them)"
        onClick={() => input.current?.click()}
      >
        <Icon name="clip" />
      </button>
    </>
  );
}

interface AttachedListProps {
  files: readonly Attached[];
  onRemove: (file: Attached) => void;
}

export function AttachedList({ files, onRemove }: AttachedListProps) {
  const list = useRef<HTMLUListElement>(null);
  if (files.length === 0) return null;
  const remove = (file: Attached, index: number) => {
    // The focus goes to the next one's button, or the one before; the last one's to the text.
    const buttons = list.current?.querySelectorAll("button") ?? [];
    (buttons[index + 1] ?? buttons[index - 1])?.focus();
    onRemove(file);
  };
  return (
    <ul ref={list} class="nbagent-attached" aria-label="Attached files" data-nbagent="attached">
      {files.map((file, index) => (
        <li key={file.id} title={file.name}>
          <Thumbnail file={file} />
          <span class="nbagent-attached-about">
            <span class="nbagent-file-name">{file.name}</span>
            <span class="nbagent-muted">{bytes(file.size)}</span>
          </span>
          <button
            type="button"
            aria-label={`Remove ${file.name}`}
            title="Remove"
            onClick={() => remove(file, index)}
            onKeyDown={(event) => {
              if (event.key === "Delete" || event.key === "Backspace") remove(file, index);
            }}
          >
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The files of a question that is on its way. */
export function AttachedNames({ files }: { files: readonly Attached[] }) {
  if (files.length === 0) return null;
  return (
    <ul class="nbagent-attachments" aria-label="Attachments">
      {files.map(({ id, kind, name, size }) => (
        <li key={id}>
          <span class="nbagent-file" title={name}>
            <Icon name={kind === "table" ? "table" : "file"} />
            <span class="nbagent-file-name">{name}</span>
            <span class="nbagent-muted">{bytes(size)}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({ file }: { file: Attached }) {
  const [source, setSource] = useState<string | null>(null);
  useEffect(() => {
    if (file.kind !== "image") return;
    const url = URL.createObjectURL(new Blob([file.blob], { type: file.type }));
    setSource(url);
    return () => URL.revokeObjectURL(url);
  }, [file]);
  if (source !== null) return <img src={source} alt="" />;
  return (
    <span class="nbagent-attached-kind">
      <Icon name={file.kind === "table" ? "table" : "file"} />
    </span>
  );
}

export function DropMark() {
  return (
    <div class="nbagent-drop" data-nbagent="drop" aria-hidden="true">
      <Icon name="clip" />
      <span>Drop files to attach them</span>
    </div>
  );
}
