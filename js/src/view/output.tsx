/** What a tool printed and displayed while it ran. */
import type { Output as WireOutput } from "../wire";
import { Ansi } from "./ansi";
import { BundleView } from "./bundle";

/** A tool that prints without end must not make the page slow: the last part is shown. */
const LONGEST = 20_000;

export function Outputs({ outputs }: { outputs: readonly WireOutput[] }) {
  if (outputs.length === 0) return null;
  return (
    <div class="nbagent-output" data-nbagent="output">
      {outputs.map((output, index) =>
        output.kind === "stream" ? (
          <Stream key={index} name={output.name} text={output.text} />
        ) : (
          <BundleView key={index} bundle={output.bundle} />
        ),
      )}
    </div>
  );
}

function Stream({ name, text }: { name: string; text: string }) {
  const cut = Math.max(0, text.length - LONGEST);
  return (
    <pre class="nbagent-stream" data-stream={name} tabIndex={0}>
      {cut > 0 && <em>{`(${cut.toLocaleString("en")} earlier characters not shown)\n`}</em>}
      <Ansi text={text.slice(cut)} />
    </pre>
  );
}
