/** What else can be done with a call: its arguments as code, copied or put into a new cell. */
import type { TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { tidyJson } from "../json-print";
import { pythonCall } from "../python-call";
import type { Call } from "../views";
import { useCallAgain } from "./call-again";
import { useView } from "./context";
import { copyText } from "./copy";
import { Icon } from "./icons";
import { useInsert } from "./insert";

interface Item {
  label: string;
  run: () => void;
}

interface CallMenuProps {
  call: Call;
  /** In the card of another call. */
  nested: boolean;
}

export function CallMenu({ call, nested }: CallMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  if (call.state === "streaming") return null;
  const close = (toButton: boolean) => {
    setOpen(false);
    if (toButton) button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        class="nbagent-quiet nbagent-card-more"
        aria-label={`More for ${call.name}`}
        aria-haspopup="menu"
        title="More"
        onClick={() => setOpen(!open)}
      >
        <Icon name="dots" />
      </button>
      {open && button.current && (
        <Menu call={call} nested={nested} anchor={button.current} onClose={close} />
      )}
    </>
  );
}

interface MenuProps extends CallMenuProps {
  anchor: HTMLElement;
  onClose: (toButton: boolean) => void;
}

function Menu({ call, nested, anchor, onClose }: MenuProps) {
  const element = useRef<HTMLDivElement>(null);
  const items = useItems(call, nested);
  useLayoutEffect(() => {
    if (element.current === null) return;
    const abort = new AbortController();
    element.current.showPopover?.();
    place(element.current, anchor);
    watch(element.current, anchor, () => onClose(false), abort.signal);
    element.current.querySelector("button")?.focus();
    return () => abort.abort();
  }, []);
  return (
    <div
      ref={element}
      class="nbagent-menu"
      role="menu"
      aria-label={`More for ${call.name}`}
      popover="manual"
      onKeyDown={(event) => steer(event, () => onClose(true))}
    >
      {items.map(({ label, run }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          onClick={() => {
            onClose(true);
            run();
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** The keys of a menu; its items are its buttons. */
function steer(event: TargetedKeyboardEvent<HTMLElement>, close: () => void): void {
  const { key } = event;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
  if (step !== undefined) buttons.at((at + step) % buttons.length)?.focus();
  else if (key === "Home") buttons.at(0)?.focus();
  else if (key === "End") buttons.at(-1)?.focus();
  else if (key === "Escape" || key === "Tab") close();
  else return;
  if (key !== "Tab") event.preventDefault();
  // Escape closes the menu, and stops no run.
  event.stopPropagation();
}

function useItems(call: Call, nested: boolean): Item[] {
  const { announce } = useView();
  const insert = useInsert();
  const again = useCallAgain(call, nested);
  const retry = again?.idle ? [{ label: "Retry", run: again.run }] : [];
  const copy = (text: string) => async () =>
    announce((await copyText(text)) ? "Copied" : "Copying failed");
  const python = pythonCall(call.name, call.arguments);
  const json = { label: "Copy as JSON", run: copy(tidyJson(call.arguments || "{}")) };
  if (python === null) return [{ ...json, label: "Copy the arguments" }, ...retry];
  return [
    { label: "Copy as Python call", run: copy(python) },
    json,
    ...(insert ? [{ label: "Insert as cell", run: () => insert(python) }] : []),
    ...retry,
  ];
}

/** Beside its button: below, or above where there is no room. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const { bottom, top, right } = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = bottom + 4 + height <= innerHeight || top < height + 4;
  menu.style.left = `${Math.max(4, right - width)}px`;
  menu.style.top = `${below ? bottom + 4 : top - height - 4}px`;
}

/** Keeps the menu at its button, and calls `close` when the person turns to something else. */
function watch(menu: HTMLElement, anchor: HTMLElement, close: () => void, signal: AbortSignal) {
  const outside = (event: Event) => {
    const at = event.composedPath();
    if (!at.includes(menu) && !at.includes(anchor)) close();
  };
  const move = () => {
    const { bottom, top } = anchor.getBoundingClientRect();
    if (bottom < 0 || top > innerHeight) close();
    else place(menu, anchor);
  };
  addEventListener("pointerdown", outside, { capture: true, signal });
  addEventListener("focusin", outside, { capture: true, signal });
  addEventListener("scroll", move, { capture: true, passive: true, signal });
  addEventListener("resize", move, { signal });
}
