/**
 * The typesetter for maths, a script of its own: it is four fifths of the widget's size, and few
 * replies need it. The kernel sends it when the page asks (assets.ts).
 */
import temml from "temml";

/** TeX to MathML. Raises for TeX that is wrong; commands that load or link are refused. */
export function renderToString(tex: string, display: boolean): string {
  return temml.renderToString(tex, {
    displayMode: display,
    throwOnError: true,
    trust: false,
    maxSize: [20, 20],
    maxExpand: 500,
  });
}
