import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Real daemons, real switches and one browser per file: one file at a time, or two cores tell lies about time.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["e2e/**/*.spec.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
