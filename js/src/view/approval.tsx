/** The question whether a call may run: see the arguments, change them, allow or refuse. */
import { useEffect, useState } from "preact/hooks";
import { tidyJson } from "../json-print";
import type { Call } from "../views";
import { Arguments } from "./arguments";
import { useView } from "./context";

export function Approval({ call }: { call: Call }) {
  const { store } = useView();
  const [draft, setDraft] = useState<string | null>(null);
  const [sent, setSent] = useState(false);
  // The kernel did not take the arguments: what was written stands in the editor again.
  const { problem: refusal } = call;
  useEffect(() => {
    if (refusal === null) return;
    setSent(false);
    setDraft((known) => known ?? tidyJson(call.arguments));
  }, [call]);
  const problem = draft === null ? "" : jsonProblem(draft);
  const approve = (always: boolean) => {
    setSent(true);
    store.send({ type: "approve", tool_call_id: call.tool_call_id, arguments: draft, always });
  };
  const deny = (reason: string) => {
    setSent(true);
    store.send({ type: "deny", tool_call_id: call.tool_call_id, reason });
  };
  return (
    <div class="nbagent-approval" data-nbagent="approval">
      {draft === null ? (
        <Shown call={call} onEdit={() => setDraft(tidyJson(call.arguments))} />
      ) : (
        <Editor
          draft={draft}
          problem={problem}
          refusal={refusal ?? ""}
          onChange={setDraft}
          onUndo={() => setDraft(null)}
        />
      )}
      <div class="nbagent-approval-row">
        <ApproveButtons blocked={sent || problem !== ""} onApprove={approve} />
        <DenyField blocked={sent} onDeny={deny} />
      </div>
    </div>
  );
}

interface ApproveProps {
  blocked: boolean;
  onApprove: (always: boolean) => void;
}

function ApproveButtons({ blocked, onApprove }: ApproveProps) {
  return (
    <>
      <button
        type="button"
        class="nbagent-primary"
        disabled={blocked}
        onClick={() => onApprove(false)}
      >
        Approve
      </button>
      <button
        type="button"
        class="nbagent-secondary"
        disabled={blocked}
        onClick={() => onApprove(true)}
      >
        Always approve
      </button>
    </>
  );
}

interface DenyProps {
  blocked: boolean;
  onDeny: (reason: string) => void;
}

function DenyField({ blocked, onDeny }: DenyProps) {
  const [reason, setReason] = useState("");
  return (
    <span class="nbagent-deny">
      <input
        type="text"
        aria-label="Reason for denying"
        placeholder="Reason (optional)"
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <button
        type="button"
        class="nbagent-secondary"
        disabled={blocked}
        onClick={() => onDeny(reason)}
      >
        Deny
      </button>
    </span>
  );
}

function Shown({ call, onEdit }: { call: Call; onEdit: () => void }) {
  return (
    <div class="nbagent-approval-arguments">
      <Arguments text={call.arguments} growing={false} />
      <button type="button" class="nbagent-link" onClick={onEdit}>
        Edit
      </button>
    </div>
  );
}

interface EditorProps {
  draft: string;
  problem: string;
  /** What the tool said of the arguments that were sent before. */
  refusal: string;
  onChange: (text: string) => void;
  onUndo: () => void;
}

function Editor({ draft, problem, refusal, onChange, onUndo }: EditorProps) {
  return (
    <div class="nbagent-approval-editor" data-nbagent="arguments">
      <textarea
        aria-label="Arguments as JSON"
        aria-invalid={problem !== "" || refusal !== ""}
        spellcheck={false}
        rows={Math.min(12, draft.split("\n").length)}
        value={draft}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {refusal && (
        <pre class="nbagent-refusal" role="alert">
          {refusal}
        </pre>
      )}
      <p>
        <span role="status">
          {problem ||
            (refusal ? "Change them and try again." : "The call runs with these arguments.")}
        </span>
        <button type="button" class="nbagent-link" onClick={onUndo}>
          Undo changes
        </button>
      </p>
    </div>
  );
}

/** What is wrong with `text` as a call's arguments, "" when nothing is. */
function jsonProblem(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? "" : "Arguments must be a JSON object.";
  } catch (error) {
    return `Not valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
