/** Arguments as the tool's own card draws them, with the usual view of them at hand. */
import type { Call } from "../views";
import { Arguments } from "./arguments";
import { BundleView } from "./bundle";

/** What the tool's card draws, or why it does not; nothing for a tool without such a card. */
export function Drawn({ call: { drawn } }: { call: Call }) {
  if (drawn === undefined) return null;
  const { bundle, problem } = drawn;
  return (
    <>
      {bundle && (
        <div class="nbagent-drawn" data-nbagent="drawn">
          <BundleView bundle={bundle} />
        </div>
      )}
      {problem && <p class="nbagent-card-word">{problem}</p>}
    </>
  );
}

export function DrawnArguments({ call }: { call: Call }) {
  const usual = <Arguments text={call.arguments} growing={call.state === "streaming"} />;
  return (
    <>
      <Drawn call={call} />
      {call.drawn?.bundle ? (
        <details class="nbagent-details">
          <summary>Arguments</summary>
          {usual}
        </details>
      ) : (
        usual
      )}
    </>
  );
}
