/** A tool's scripts, in a frame that they cannot leave and that loads nothing unasked. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { frameDocument, type Look, readFrameMessage } from "./frame-document";
import { localize } from "./remote";

const LEAST_PX = 24;
const MOST_PX = 900;

interface FrameProps {
  html: string;
  title: string;
}

export function Frame({ html, title }: FrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const look = useLook(frame);
  const [remote, setRemote] = useState(false);
  const [height, setHeight] = useState(LEAST_PX);
  const [blocked, setBlocked] = useState<readonly string[]>([]);
  const [error, setError] = useState("");
  const local = useMemo(() => localize(html), [html]);
  const page = useMemo(
    () => (look === null ? undefined : frameDocument(remote ? html : local.html, look, remote)),
    [html, look === null, remote],
  );
  useEffect(() => {
    const abort = new AbortController();
    const onMessage = ({ source, data }: MessageEvent) => {
      if (source === null || source !== frame.current?.contentWindow) return;
      const message = readFrameMessage(data);
      if (message === null) return;
      if ("height" in message) setHeight(Math.min(MOST_PX, Math.max(LEAST_PX, message.height)));
      else if ("error" in message) setError(message.error);
      else setBlocked((known) => withHost(known, message.blocked));
    };
    window.addEventListener("message", onMessage, { signal: abort.signal });
    return () => abort.abort();
  }, []);
  useEffect(() => {
    if (look) frame.current?.contentWindow?.postMessage({ nbagentColour: look.colour }, "*");
  }, [look]);
  const wanted = [...new Set([...local.hosts, ...blocked])];
  const asks = !remote && wanted.length > 0;
  const load = () => {
    setError("");
    setRemote(true);
  };
  return (
    <div class="nbagent-framed">
      {asks && <Remote hosts={wanted} onLoad={load} />}
      {!asks && error && <p class="nbagent-muted">{`A script in it failed: ${error}`}</p>}
      <iframe
        ref={frame}
        data-nbagent="frame"
        title={title}
        sandbox="allow-scripts"
        referrerpolicy="no-referrer"
        srcdoc={page}
        style={{ height: `${height}px` }}
      />
    </div>
  );
}

function Remote({ hosts, onLoad }: { hosts: readonly string[]; onLoad: () => void }) {
  const from = hosts.slice(0, 3).join(", ");
  return (
    <p class="nbagent-remote">
      <span>{`Not loaded from ${from}: a result loads nothing from elsewhere unasked.`}</span>
      <button type="button" class="nbagent-link" onClick={onLoad}>
        Load remote content
      </button>
    </p>
  );
}

function withHost(known: readonly string[], address: string): readonly string[] {
  const host = URL.canParse(address) ? new URL(address).host : "";
  return host === "" || known.includes(host) || known.length >= 10 ? known : [...known, host];
}

/** The text's colour and font around a place, kept up when the theme changes. */
function useLook(place: { current: HTMLElement | null }): Look | null {
  const [look, setLook] = useState<Look | null>(null);
  useLayoutEffect(() => {
    const read = () => {
      if (place.current === null) return;
      const { color, fontFamily } = getComputedStyle(place.current);
      const font = fontFamily.replace(/[<>&{};]/g, "");
      setLook((known) => (known?.colour === color ? known : { colour: color, font }));
    };
    read();
    const observer = new MutationObserver(() => setTimeout(read, 500));
    observer.observe(document.body, { attributes: true });
    return () => observer.disconnect();
  }, []);
  return look;
}
