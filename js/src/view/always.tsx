/** The tools that need no more asking, each with the way to be asked again. */
import { useView } from "./context";
import { Icon } from "./icons";

export function Always({ names }: { names: readonly string[] }) {
  const { store } = useView();
  if (names.length === 0) return null;
  return (
    <div class="nbagent-always" data-nbagent="always">
      <span>Always approved:</span>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          class="nbagent-chip"
          aria-label={`Ask again before ${name}`}
          title="Ask again before each call"
          onClick={() => store.send({ type: "revoke", name })}
        >
          {name}
          <Icon name="cross" />
        </button>
      ))}
    </div>
  );
}
