/** What the model asks the person: the question, answers to choose from, and a field for others. */
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Call, Question as WireQuestion } from "../views";
import { useView } from "./context";
import { Icon } from "./icons";
import { Markdown } from "./markdown";

export function Question({ call, question }: { call: Call; question: WireQuestion }) {
  const label = useId();
  const { answer } = question;
  return (
    <div class="nbagent-question" data-nbagent="question" data-answered={answer !== undefined}>
      <div id={label}>
        <Markdown text={question.question} done={true} />
      </div>
      {answer === undefined ? (
        <Form key={question.question} call={call} choices={question.choices} label={label} />
      ) : (
        <p class="nbagent-answered" dir="auto">
          <Icon name="check" />
          <span class="nbagent-muted">You answered</span>
          <span>{answer}</span>
        </p>
      )}
    </div>
  );
}

interface FormProps {
  call: Call;
  choices: readonly string[];
  label: string;
}

function Form({ call, choices, label }: FormProps) {
  const { store } = useView();
  const [text, setText] = useState("");
  const [sent, setSent] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => takeFocus(field.current), []);
  const answer = (words: string) => {
    if (sent || words.trim() === "") return;
    setSent(true);
    store.send({ type: "answer", tool_call_id: call.tool_call_id, text: words.trim() });
    // The field goes when the answer has arrived, and the focus must not go with it.
    composerOf(field.current)?.focus();
  };
  return (
    <form
      aria-labelledby={label}
      onSubmit={(event) => {
        event.preventDefault();
        answer(text);
      }}
    >
      {choices.length > 0 && <Choices choices={choices} sent={sent} onChoose={answer} />}
      <div class="nbagent-question-row">
        <input
          ref={field}
          type="text"
          dir="auto"
          aria-label="Answer"
          aria-describedby={label}
          placeholder={choices.length > 0 ? "Or say something else" : "Your answer"}
          readOnly={sent}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="nbagent-primary" disabled={sent || text.trim() === ""}>
          Answer
        </button>
      </div>
    </form>
  );
}

interface ChoicesProps {
  choices: readonly string[];
  sent: boolean;
  onChoose: (choice: string) => void;
}

function Choices({ choices, sent, onChoose }: ChoicesProps) {
  return (
    <div class="nbagent-choices">
      {choices.map((choice) => (
        <button
          key={choice}
          type="button"
          class="nbagent-secondary"
          disabled={sent}
          onClick={() => onChoose(choice)}
        >
          {choice}
        </button>
      ))}
    </div>
  );
}

const composerOf = (place: HTMLElement | null) =>
  place
    ?.closest(".nbagent")
    ?.querySelector<HTMLTextAreaElement>('textarea[aria-label="Message"]') ?? null;

/** The question is next to answer for someone who waits in an empty composer; nobody else is moved. */
function takeFocus(field: HTMLInputElement | null): void {
  const composer = composerOf(field);
  if (composer !== null && composer === document.activeElement && composer.value === "") {
    field?.focus({ preventScroll: true });
  }
}
