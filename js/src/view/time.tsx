/** Times in words, and the clock of something that is running. */
import { useEffect, useState } from "preact/hooks";

/** `seconds` for people: "42 ms", "1.4 s", "12 s", "3 min 05 s". */
export function duration(seconds: number): string {
  if (seconds < 0.0995) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Seconds since `started` (epoch seconds), counting up by itself while `running`. */
export function useElapsed(started: number | null, running: boolean): number {
  const [seen] = useState(() => Date.now() / 1000);
  const [now, setNow] = useState(seen);
  useEffect(() => {
    if (!running) return;
    const tick = () => setNow(Date.now() / 1000);
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [running]);
  // The kernel's clock may be ahead of the page's: then count from when the page first saw it.
  const from = started !== null && started < seen + 1 ? started : seen;
  return Math.max(0, now - from);
}
