import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // As in the bundle (esbuild.config.mjs); only what is inlined sees it.
  resolve: {
    alias: { entities: fileURLToPath(new URL("src/markdown/entities.ts", import.meta.url)) },
  },
  test: {
    environment: "jsdom",
    // What hangs is ended; how fast something is is not for these tests, on whatever machine.
    testTimeout: 60_000,
    include: ["tests/**/*.test.{ts,tsx}"],
    server: { deps: { inline: ["commonmark"] } },
  },
});
