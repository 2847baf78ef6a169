/** What every part of a view needs: the model's store, and a way to say something aloud. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { Store } from "../store";

export interface ViewContext {
  store: Store;
  /** Speaks through the live region, for people who hear the page. */
  announce: (text: string) => void;
}

export const Context = createContext<ViewContext>({ store: new Store(), announce: () => {} });

export const useView = () => useContext(Context);
