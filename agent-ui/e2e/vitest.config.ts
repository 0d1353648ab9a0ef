import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Real daemons, real switches, real browsers: one file at a time, or two cores tell lies about time. All files run in one
// process, so that they share what they need not have anew: the driver, a browser, axe.
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["e2e/**/*.spec.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    isolate: false,
  },
});
