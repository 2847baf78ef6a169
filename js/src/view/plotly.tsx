/** A plotly figure where the host has no renderer for it: drawn in a frame by plotly's own script. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { useView } from "./context";
import { Frame } from "./frame";
import { plotlyPage } from "./frame-document";

export const PLOTLY_MIME = "application/vnd.plotly.v1+json";

export function PlotlyChart({ figure }: { figure: unknown }) {
  const { store } = useView();
  const [library, setLibrary] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  useEffect(() => {
    let gone = false;
    store.assets.get("plotly").then(
      (text) => !gone && setLibrary(text),
      (error: Error) => !gone && setProblem(error.message),
    );
    return () => {
      gone = true;
    };
  }, [store]);
  const page = useMemo(
    () => (library === null ? null : plotlyPage(library, figure)),
    [library, figure],
  );
  if (problem) return <p class="nbagent-muted">{`The chart cannot be drawn. ${problem}`}</p>;
  if (page === null) return <p class="nbagent-muted">Loading the chart…</p>;
  return <Frame html={page} title="Plotly chart" />;
}
