/**
 * A browser compiles code when it first runs, and makes it fast when it has run often: in the first
 * reply a quarter of the time goes there. So one of each kind of block is read before, while there is
 * nothing else to do, and thrown away.
 */
import { LiveMarkdown } from "./live";

const SAMPLE = `## One

Words with **strong**, *emphasis*, \`code\` and [a link](https://example.com). And a sentence.

- an item with **words**
- another

1. first

> quoted

| a | b |
|---|---|
| 1 | \`2\` |

\`\`\`
code
\`\`\`

`;
const STEP = 100;
const MOST = 10;

let done = false;

/** Reads the sample as a stream, outside of the page, at least once and while there is time. */
export function rehearse(hasTime: () => boolean): void {
  if (done) return;
  done = true;
  const live = new LiveMarkdown(document.createElement("div"));
  let text = "";
  for (let times = 0; times === 0 || (times < MOST && hasTime()); times += 1) {
    for (let end = STEP; end < SAMPLE.length; end += STEP)
      live.update(text + SAMPLE.slice(0, end), false);
    text += SAMPLE;
  }
}
