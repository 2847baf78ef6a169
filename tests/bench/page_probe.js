// What a page that streams can be asked: when it changed last, its frames, its long tasks.
(() => {
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const tasks = [];
  new PerformanceObserver((list) => {
    for (const { duration, startTime } of list.getEntries()) tasks.push({ duration, startTime });
  }).observe({ type: "longtask" });
  let changedAt = 0;
  // What is said to people who hear the page comes at the pace of a listener.
  const spoken = (node) =>
    (node instanceof Element ? node : node.parentElement)?.closest("[aria-live=polite], [role=status]");
  new MutationObserver((records) => {
    if (records.some(({ target }) => !spoken(target))) changedAt = performance.now();
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  async function watched(work) {
    let going = true;
    const gaps = [];
    const watch = async () => {
      let last = await frame();
      while (going) {
        const now = await frame();
        gaps.push(now - last);
        last = now;
      }
    };
    const begun = performance.now();
    tasks.length = 0;
    const watching = watch();
    const endedAt = await work();
    do await wait(250);
    while (performance.now() - changedAt < 250);
    going = false;
    await watching;
    return {
      took: endedAt - begun,
      lag: changedAt - endedAt,
      worst_frame: Math.max(...gaps),
      long_tasks: tasks.filter((task) => task.startTime >= begun).map((task) => task.duration),
    };
  }

  window.probe = {
    show: (text) => {
      const transcript = JSON.parse(text);
      return wait(50).then(() =>
        watched(async () => {
          window.show(transcript);
          return performance.now();
        }),
      );
    },
    // `texts`: what each message of the kernel appends; `every`: ms between two of them.
    stream: (texts, every, ends = true) =>
      watched(async () => {
        const first = performance.now();
        for (const [index, text] of texts.entries()) {
          const due = first + index * every - performance.now();
          if (due > 0) await wait(due);
          const ops = [{ op: "text", message: "live", part: "0", text }];
          if (ends && index === texts.length - 1)
            ops.push(
              { op: "part_done", message: "live", part: "0" },
              { op: "message_end", id: "live", state: "done" },
              { op: "status", status: "idle", model: "stand-in" },
            );
          window.put(ops);
        }
        return performance.now();
      }),
    begin: () => {
      window.put([
        { op: "message_start", id: "live", role: "assistant", created: 1 },
        { op: "status", status: "running", model: "stand-in" },
      ]);
    },
    // Milliseconds that taking in a message costs, before anything is drawn.
    taking: (count) => {
      const begun = performance.now();
      for (let number = 0; number < count; number += 1)
        window.put([{ op: "text", message: "live", part: "0", text: "word " }]);
      return (performance.now() - begun) / count;
    },
  };
})();
