/** The images and files of a question: thumbnails, and chips with name and size. */
import type { AttachmentPart } from "../views";
import { Icon } from "./icons";
import { RasterImage, rasterType } from "./media";

/** What the kernel calls an image that came without a name. */
const UNNAMED = "image";

export function Attachments({ parts }: { parts: readonly AttachmentPart[] }) {
  if (parts.length === 0) return null;
  return (
    <ul class="nbagent-attachments" aria-label="Attachments">
      {parts.map((part) => (
        <li key={part.part} data-nbagent="attachment">
          <Attachment part={part} />
        </li>
      ))}
    </ul>
  );
}

function Attachment({ part }: { part: AttachmentPart }) {
  const mime = part.bundle ? rasterType(part.bundle.data) : undefined;
  if (part.bundle && mime) {
    return (
      <span class="nbagent-thumbnail">
        <RasterImage mime={mime} bundle={part.bundle} alt={part.name} />
        {part.name !== UNNAMED && (
          <span class="nbagent-file-name" title={part.name}>
            {part.name}
          </span>
        )}
      </span>
    );
  }
  return (
    <span class="nbagent-file" title={`${part.name} (${part.media_type})`}>
      <Icon name="file" />
      <span class="nbagent-file-name">{part.name}</span>
      {part.size > 0 && <span class="nbagent-muted">{bytes(part.size)}</span>}
    </span>
  );
}

/** `size` for people: "840 B", "12 KB", "1.4 MB". */
export function bytes(size: number): string {
  if (size < 1000) return `${size} B`;
  if (size < 999_500) return `${Math.round(size / 1000)} KB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}
