import { fileURLToPath } from "node:url";
import { paraglideVitePlugin } from "@inlang/paraglide-js";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { firstGroups, listFirstLoad } from "./build/firstLoad";
import { ariaWords, messagesByLanguage } from "./build/languages";
import { compress } from "./vite.compress.ts";

// The daemon that `npm run dev` talks to; the cookie stays same-site through the proxy.
const daemon = process.env.TIELINE_URL ?? "http://127.0.0.1:8080";

const messages = paraglideVitePlugin({
  project: "./project.inlang",
  outdir: "./src/i18n/generated",
  strategy: ["globalVariable", "baseLocale"],
  emitTsDeclarations: true,
  outputStructure: "locale-modules",
});
const compiled = fileURLToPath(new URL("./src/i18n/generated/messages", import.meta.url));
const HOST = "embed/host";
const isTest = Boolean(process.env.VITEST);

export default defineConfig({
  // The tests read messages compiled before (`npm run messages`); the plugin would keep the runner from ending.
  plugins: [isTest ? [] : messages, messagesByLanguage(compiled, isTest), ariaWords(), react(), compress(), listFirstLoad()],
  // The daemon puts a word of its own into each answer (crates/webapi/src/pages.rs).
  html: { cspNonce: "tieline-csp-nonce" },
  build: {
    // Older than the year that docs/operations/running.md promises, so that nobody has to move it every month.
    target: ["es2023", "chrome120", "edge120", "firefox121", "safari17.4"],
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Pages of other systems load the second one by a path that stays (docs/embed.md).
      input: { index: "index.html", [HOST]: "src/embed/host/host.ts" },
      output: { entryFileNames: ({ name }) => (name === HOST ? `${HOST}.js` : "assets/[name]-[hash].js"), codeSplitting: { groups: firstGroups } },
    },
  },
  server: {
    // The set-up page shows the snippets of crates/ctid/share as they are.
    fs: { allow: [".."] },
    proxy: {
      "/v1": { target: daemon, ws: true },
      "/openapi.json": { target: daemon },
      "/livez": { target: daemon },
      "/readyz": { target: daemon },
    },
  },
  // Code that a test loads anew takes its time on a busy machine.
  test: { include: ["src/**/*.test.{ts,tsx}"], testTimeout: 30_000 },
});
