import { rmSync } from "node:fs";
import type { Person } from "./daemon.ts";
import { ANNA, BORIS, CYRIL, DANA, GRETA, Scene } from "./scene.ts";

/** Sees the team, its calls and its queues, and sets its states. */
export const HELENA: Person & { name: string } = { login: "helena", name: "Helena Vlková", role: "supervisor", password: "helena-e2e-2026" };

let shared: Promise<Scene> | undefined;

/** A scene with a supervisor, for all specs that look at a team; each leaves it by `rest`. It ends with this process. */
export function teamScene(): Promise<Scene> {
  return (shared ??= start());
}

async function start(): Promise<Scene> {
  const scene = await Scene.start();
  process.once("exit", () => rmSync(scene.daemon.home, { recursive: true, force: true }));
  await scene.api.post("/v1/users", { login: HELENA.login, name: HELENA.name, roles: [HELENA.role], team: "praha", language: "en", password: HELENA.password });
  await rest(scene);
  return scene;
}

/** As a spec finds it: no desk open, no call, everybody ready. */
export async function rest(scene: Scene): Promise<void> {
  await scene.clear();
  for (const one of [ANNA, BORIS, CYRIL, DANA, GRETA]) await choose(scene, one, { state: "ready" });
}

/** Sets the state of an agent as that agent does. */
export async function choose(scene: Scene, who: Person, wish: object): Promise<void> {
  const own = await scene.daemon.signIn(who);
  const { agent } = await own.get("/v1/me");
  await own.put(`/v1/agents/${String(agent)}/state`, wish);
}
