/** Where the typesetter for maths comes from: the kernel sends it, once a page, when it is needed. */
import type { Assets } from "../assets";
import type { Maths, MathsLoader } from "../markdown/maths";

export function mathsFrom(assets: Assets): MathsLoader {
  return async () => {
    const script = new Blob([await assets.get("maths")], { type: "text/javascript" });
    const address = URL.createObjectURL(script);
    try {
      return (await import(/* @vite-ignore */ address)) as Maths;
    } finally {
      URL.revokeObjectURL(address);
    }
  };
}
