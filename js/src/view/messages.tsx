/** The messages, in groups: a step looks at the group in which something changed, and at no other. */
import { memo } from "preact/compat";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Store } from "../store";
import type { Transcript, Message as WireMessage } from "../views";
import { prepareAssets } from "./asset-modules";
import { useView } from "./context";
import { Drawing, GROUP, guessHeight } from "./groups";
import { Message, sameCalls } from "./message";

const GAP_PX = 22;
/** The newest messages are laid out whether in sight or not: what is skipped has no `innerText`. */
const NEVER_SKIPPED = 48;

export function Messages({ store, transcript }: { store: Store; transcript: Transcript }) {
  const { messages, calls, status } = transcript;
  const drawing = useMemo(() => new Drawing(), []);
  useEffect(() => () => drawing.dispose(), [drawing]);
  const { root } = useView();
  useEffect(() => (root.current ? prepareAssets(store, root.current) : undefined), [store, root]);
  drawing.look(messages);
  const toggles = [...store.toggles].join();
  const groups = [];
  for (let from = 0; from < messages.length; from += GROUP) {
    const isLast = from + GROUP >= messages.length;
    groups.push(
      <Group
        key={from}
        messages={messages}
        from={from}
        calls={calls}
        isLast={isLast}
        skips={from + GROUP <= messages.length - NEVER_SKIPPED}
        retry={isLast && status === "idle"}
        toggles={toggles}
        drawing={drawing}
      />,
    );
  }
  return <>{groups}</>;
}

interface GroupProps {
  /** All there are; the group's own begin at `from`. */
  messages: readonly WireMessage[];
  from: number;
  calls: Transcript["calls"];
  isLast: boolean;
  /** Whether it is neither laid out nor painted where it is out of sight. */
  skips: boolean;
  /** Whether the last message may be asked for again. */
  retry: boolean;
  /** Another one with every toggle, which the messages' own data do not show. */
  toggles: string;
  drawing: Drawing;
}

const Group = memo(function Group(props: GroupProps) {
  const { messages, from, calls, isLast, skips, retry, drawing } = props;
  const { store } = useView();
  const own = messages.slice(from, from + GROUP);
  const place = useRef<HTMLDivElement>(null);
  const [undrawn, setUndrawn] = useState(() => drawing.undrawn(from, from + own.length));
  const waits = undrawn > 0;
  useLayoutEffect(() => {
    if (!waits || place.current === null) return;
    return drawing.wait(place.current, from, () => setUndrawn((count) => count - 1));
  }, [waits, drawing, from]);
  return (
    <div
      ref={place}
      class="nbagent-group"
      data-last={isLast}
      data-skips={skips}
      style={skips ? { containIntrinsicBlockSize: `auto ${heightOf(own)}px` } : {}}
    >
      {waits && <div style={{ height: `${heightOf(own.slice(0, undrawn))}px` }} />}
      {own.slice(undrawn).map((message) => (
        <Message
          key={message.id}
          message={message}
          calls={calls}
          retry={retry && message === messages.at(-1)}
          toggles={togglesOf(message, store.toggles)}
        />
      ))}
    </div>
  );
}, sameGroup);

function sameGroup(before: GroupProps, after: GroupProps): boolean {
  if (before.toggles !== after.toggles || before.retry !== after.retry) return false;
  if (before.isLast !== after.isLast || before.skips !== after.skips) return false;
  const end = Math.min(after.from + GROUP, after.messages.length);
  if (end !== Math.min(before.from + GROUP, before.messages.length)) return false;
  for (let index = after.from; index < end; index += 1) {
    const message = after.messages[index] as WireMessage;
    if (before.messages[index] !== message) return false;
    if (before.calls !== after.calls && !sameCalls(message, before.calls, after.calls))
      return false;
  }
  return true;
}

const heightOf = (messages: readonly WireMessage[]) =>
  messages.reduce((sum, message) => sum + guessHeight(message) + GAP_PX, -GAP_PX);

/** What the person opened and closed in this message; runs inside of its calls look by themselves. */
function togglesOf({ id, parts }: WireMessage, toggles: ReadonlyMap<string, boolean>): string {
  if (toggles.size === 0) return "";
  return parts
    .map((part) => toggles.get(part.kind === "call" ? part.tool_call_id : `${id}/${part.part}`))
    .join();
}
