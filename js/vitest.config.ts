import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // As in the bundle (esbuild.config.mjs); only what is inlined sees it.
  resolve: {
    alias: { entities: fileURLToPath(new URL("src/markdown/entities.ts", import.meta.url)) },
  },
  test: {
    environment: "jsdom",
    include: ["tests/**/*.test.{ts,tsx}"],
    server: { deps: { inline: ["commonmark"] } },
  },
});
