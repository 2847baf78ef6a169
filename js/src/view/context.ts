/** What every part of a view needs: the model's store, and a way to say something aloud. */
import { createContext, type RefObject } from "preact";
import { useContext } from "preact/hooks";
import { Store } from "../store";

export interface ViewContext {
  store: Store;
  /** Speaks through the live region, for people who hear the page. */
  announce: (text: string) => void;
  /** The view's own element, by which the host knows which of its views it is. */
  root: RefObject<HTMLElement | null>;
}

export const Context = createContext<ViewContext>({
  store: new Store(),
  announce: () => {},
  root: { current: null },
});

export const useView = () => useContext(Context);
