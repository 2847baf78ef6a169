// Bundles the widget into nbagent/widget/static and refuses a bundle over budget: `_esm` is sent
// with every instance and stored in every saved notebook.
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const BUDGET_BYTES = 250 * 1024;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outdir = here(process.env.NBAGENT_BUNDLE_DIR ?? "../nbagent/widget/static");

await build({
  // What only some replies need travels only with them: maths' typesetter, the colours of code.
  entryPoints: {
    widget: here("src/index.ts"),
    maths: here("src/maths-asset.ts"),
    highlight: here("src/highlight-asset.ts"),
  },
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome110", "firefox115", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  charset: "utf8",
  // commonmark.js brings 110 KiB of character names that every browser knows.
  alias: { entities: here("src/markdown/entities.ts") },
});

const { size } = await stat(`${outdir}/widget.js`);
const css = existsSync(`${outdir}/widget.css`) ? (await stat(`${outdir}/widget.css`)).size : 0;
console.log(
  `widget.js ${(size / 1024).toFixed(1)} KiB of ${BUDGET_BYTES / 1024}, widget.css ${(css / 1024).toFixed(1)} KiB`,
);
if (size > BUDGET_BYTES) {
  console.error(`widget.js has ${size} bytes, over the budget of ${BUDGET_BYTES}`);
  process.exit(1);
}
