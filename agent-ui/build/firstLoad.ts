// What a browser loads first, in few pieces, and the list of it that `cargo xtask check` weighs.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin, Rollup } from "vite";

/** Sixty small pieces weigh a tenth more than three. A group takes what its modules need along. */
export const firstGroups = [
  { name: "start", test: /src\/main\.tsx$/, priority: 3 },
  { name: "form", test: /src\/(ui\/(Button|Field|Message|Segments|StateMark)\/\w+\.tsx|app\/(title|announce)\.ts)$/, priority: 2 },
  { name: "desk", test: /src\/(app\/Layout|desk\/DeskPage)\.tsx$/, priority: 1 },
];

/** The words count in the language that has the most of them. */
const VIEWS: Record<string, RegExp[]> = {
  "sign-in": [/index\.html$/, /words\/cs\/desk$/, /src\/desk\/SignIn\.tsx$/],
  desk: [/index\.html$/, /words\/cs\/desk$/, /src\/app\/Desk\.tsx?$/, /src\/desk\/DeskPage\.tsx$/],
};

const LIST = ".first-load";

/** Writes `dist/.first-load`: the view and a file on each line. */
export function listFirstLoad(): Plugin {
  return {
    name: "list-first-load",
    apply: "build",
    async writeBundle({ dir }, bundle) {
      const lines = Object.entries(VIEWS).flatMap(([view, starts]) => filesOf(bundle, starts).map((file) => `${view} ${file}`));
      await writeFile(join(dir ?? "dist", LIST), `${lines.join("\n")}\n`);
    },
  };
}

/** The pieces that begin with these modules, and all they import before they run. */
function filesOf(bundle: Rollup.OutputBundle, starts: readonly RegExp[]): string[] {
  const files = new Set(["index.html"]);
  const take = (name: string): void => {
    const piece = bundle[name];
    if (piece?.type !== "chunk" || files.has(name)) return;
    files.add(name);
    for (const style of piece.viteMetadata?.importedCss ?? []) files.add(style);
    for (const other of piece.imports) take(other);
  };
  for (const start of starts) {
    const piece = Object.values(bundle).find((one) => one.type === "chunk" && start.test(one.facadeModuleId ?? ""));
    if (piece === undefined) throw new Error(`nothing in the build begins with ${start}`);
    take(piece.fileName);
  }
  return [...files];
}
