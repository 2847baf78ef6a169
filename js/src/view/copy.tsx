/** The Copy button, and copying itself, which needs another way on pages without https. */
import { useState } from "preact/hooks";
import { useView } from "./context";
import { Icon } from "./icons";

/** Puts `text` on the clipboard; says whether it worked. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard === undefined) return copyBySelection(text);
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copyBySelection(text),
  );
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.style.cssText = "position:fixed;opacity:0";
  document.body.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}

export function CopyButton({ text }: { text: () => string }) {
  const { announce } = useView();
  const [copied, setCopied] = useState(false);
  const onClick = async () => {
    const worked = await copyText(text());
    announce(worked ? "Copied" : "Copying failed");
    setCopied(worked);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" class="nbagent-quiet" aria-label="Copy" title="Copy" onClick={onClick}>
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
