// @vitest-environment node
/** Scripts asked of the kernel: once a page, and again after a failure. */
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { Assets } from "../src/assets";

describe("Assets", () => {
  it("asks once for all that want a script, and unpacks it", async () => {
    const ask = vi.fn();
    const assets = new Assets(ask);
    const wanted = [assets.get("one"), new Assets(ask).get("one"), assets.get("one")];
    await assets.arrived("one", new Uint8Array(gzipSync("draw()")));
    expect(await Promise.all(wanted)).toEqual(["draw()", "draw()", "draw()"]);
    expect(ask).toHaveBeenCalledOnce();
  });

  it("says that the kernel has none, and asks again the next time", async () => {
    const ask = vi.fn();
    const assets = new Assets(ask);
    const wanted = assets.get("none");
    await assets.arrived("none", undefined);
    await expect(wanted).rejects.toThrow("no none");
    const again = assets.get("none");
    expect(ask).toHaveBeenCalledTimes(2);
    assets.dispose();
    await expect(again).rejects.toThrow("closed");
  });
});
