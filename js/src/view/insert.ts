/** Putting code into a new cell of the notebook, where the host can. */
import { useMemo } from "preact/hooks";
import { useView } from "./context";

/** Puts code into a new cell below the one that shows this view; undefined where that cannot be. */
export function useInsert(): ((code: string) => void) | undefined {
  const { store, announce, root } = useView();
  const insert = store.host?.insertCell;
  return useMemo(() => {
    if (insert === undefined) return undefined;
    return (code: string) => {
      if (root.current === null) return;
      try {
        insert(code, root.current);
        announce("Inserted as a new cell below");
      } catch (error) {
        console.warn("[nbagent] the notebook took no new cell", error);
        announce("The notebook took no new cell");
      }
    };
  }, [insert, announce, root]);
}
