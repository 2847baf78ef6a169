/** A stand-in for anywidget's model: keeps what was sent, and emits what a test wants to arrive. */
import type { WidgetModel } from "../src/transport";
import type { Command, Op } from "../src/wire";

type Callback = (...values: never[]) => void;

export class FakeModel implements WidgetModel {
  readonly sent: Command[] = [];
  snapshot: unknown = null;
  readonly callbacks = new Map<string, Set<Callback>>();

  get(name: string): unknown {
    return name === "snapshot" ? this.snapshot : undefined;
  }

  send(content: unknown): void {
    this.sent.push(content as Command);
  }

  on(name: string, callback: Callback): void {
    const known = this.callbacks.get(name) ?? new Set();
    this.callbacks.set(name, known.add(callback));
  }

  off(name: string, callback: Callback): void {
    this.callbacks.get(name)?.delete(callback);
  }

  emit(seq: number, ops: readonly Op[], buffers: readonly unknown[] = []): void {
    this.emitRaw({ v: 1, seq, run: "r1", ops }, buffers);
  }

  emitRaw(content: unknown, buffers: readonly unknown[] = []): void {
    for (const callback of this.callbacks.get("msg:custom") ?? []) {
      (callback as (...values: unknown[]) => void)(content, buffers);
    }
  }

  listeners(): number {
    return [...this.callbacks.values()].reduce((count, set) => count + set.size, 0);
  }
}
