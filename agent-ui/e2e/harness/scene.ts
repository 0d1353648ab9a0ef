import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type Desk, openBrowser, openDesk, sharedBrowser, signIn } from "./browser.ts";
import { ADMIN, type Api, Daemon, type Json, type Person, items } from "./daemon.ts";
import { ENGINE } from "./engine.ts";
import { setWrapUp } from "./seats.ts";
import { Simulator } from "./simulator.ts";

/** Somebody with a phone of `fixtures/plans/desk.toml`. */
export interface Agent extends Person {
  name: string;
  phone: string;
}

const agent = (login: string, name: string, phone: string): Agent => ({ login, name, phone, role: "agent", password: `${login}-e2e-2026` });

/** Alone in queue 600, with 45 s of wrap-up. */
export const ANNA = agent("anna", "Anna Novotná", "1001");
/** Alone in queue 601, with a moment of wrap-up. */
export const BORIS = agent("boris", "Boris Kučera", "1002");
/** With Dana and Anna in queue 602, which rings all. */
export const CYRIL = agent("cyril", "Cyril Beneš", "1003");
export const DANA = agent("dana", "Dana Veselá", "1004");
/** Her phone does nothing for the switch. */
export const GRETA = agent("greta", "Greta Horská", "1007");
const AGENTS = [ANNA, BORIS, CYRIL, DANA, GRETA];

/** A customer that is found, a number that two have, and one that nobody has. */
export const KNOWN = { number: "+420605550142", name: "Jana Dvořáková", company: "Dvořáková a syn, s.r.o." };
export const SHARED = { number: "+420605550199", names: ["Karel Šimek", "Šimek Stavby, s.r.o."] };
/** As the switch dials it from inside. */
export const KNOWN_DIALLED = "605550142";
export const UNKNOWN = "+420605550100";

/** The desk on the simulated switch: people with phones, contacts, and one browser for all of them. */
export class Scene {
  readonly #desks: Desk[] = [];
  /** Browsers of people who sit at their own desk from one test to the next, and whether a test has them. */
  readonly #seats = new Map<string, { desk: Desk; isTaken: boolean }>();

  private constructor(
    readonly launched: Browser | undefined,
    readonly ownsBrowser: boolean,
    readonly simulator: Simulator,
    readonly daemon: Daemon,
    readonly api: Api,
  ) {}

  /** With the browser that specs share, one of its own, or none where another driver brings one. */
  static async start({ browser: wanted = "shared" }: { browser?: "shared" | "own" | "none" } = {}): Promise<Scene> {
    const opening = wanted === "none" ? undefined : wanted === "own" ? openBrowser() : sharedBrowser();
    const [browser, simulator] = await Promise.all([opening, Simulator.start({ plan: "fixtures/plans/desk.toml" })]);
    const daemon = await Daemon.start({ switch: simulator.switch, people: [ADMIN] });
    const api = await daemon.signIn(ADMIN);
    await people(api);
    await setWrapUp(api, "Zákaznická linka", 45);
    await setWrapUp(api, "Hlášení škod", 1);
    await contacts(api);
    return new Scene(browser, wanted === "own", simulator, daemon, api);
  }

  get browser(): Browser {
    if (this.launched === undefined) throw new Error("this scene was started without a browser");
    return this.launched;
  }

  /**
   * This person's desk: signed in, at the phone, just loaded, with the first pictures of the stream there. Somebody comes
   * to the same browser in the next test; who wants another one, or another way to the daemon, gets a new one.
   */
  async desk(person: Person, settings: BrowserContextOptions = {}, url = this.daemon.url): Promise<Desk> {
    const seat = this.#seats.get(person.login);
    const isOwn = Object.keys(settings).length === 0 && url === this.daemon.url;
    if (!isOwn || seat?.isTaken) return this.#newDesk(person, settings, url);
    if (seat === undefined) {
      const desk = await this.#newDesk(person, settings, url);
      this.#desks.splice(this.#desks.indexOf(desk), 1);
      this.#seats.set(person.login, { desk, isTaken: true });
      return desk;
    }
    seat.isTaken = true;
    seat.desk.complaints.splice(0);
    await seat.desk.page.goto(url);
    await isConnected(seat.desk.page);
    return seat.desk;
  }

  /** The page to sign in, as nobody has used it before; it goes with the browsers of the test. */
  async open(settings: BrowserContextOptions = {}): Promise<Desk> {
    const desk = await openDesk(this.browser, this.daemon.url, settings);
    this.#desks.push(desk);
    return desk;
  }

  async #newDesk(person: Person, settings: BrowserContextOptions, url: string): Promise<Desk> {
    // Over BiDi a session cannot be handed to the browser.
    const isHanded = ENGINE === "chromium";
    const desk = await openDesk(this.browser, url, settings, isHanded ? person : undefined);
    this.#desks.push(desk);
    if (!isHanded) await signIn(desk.page, person);
    const use = desk.page.getByRole("button", { name: "phone" in person ? /^(Work at this phone|Pracovat)/ : /^(Continue without|Pokračovat bez)/ });
    await use.or(desk.page.getByRole("toolbar")).first().waitFor();
    if (await use.isVisible()) await use.click();
    await isConnected(desk.page);
    return desk;
  }

  /** Who sits at a desk leaves it, other browsers of a test go; a call that is left over is hung up. */
  async clear(): Promise<void> {
    await Promise.all(this.#desks.splice(0).map((desk) => desk.context.close()));
    await Promise.all([...this.#seats.values()].filter(({ isTaken }) => isTaken).map(leave));
    for (const who of [KNOWN.number, KNOWN_DIALLED, SHARED.number, UNKNOWN, ...AGENTS.map((one) => one.phone)]) {
      await this.simulator.order(`hangup ${who}`).catch(() => undefined);
    }
    await this.api.until("/v1/calls?state=live", "no live call", (calls) => items(calls).length === 0);
    await this.api.until("/v1/agents?limit=200", "nobody in wrap-up", (all) => items(all).every((one) => stateOf(one) !== "wrap_up" || one.extension === ANNA.phone));
  }

  /** What the switch knows of the newest live call. */
  async liveCall(): Promise<Json> {
    const live = await this.api.until("/v1/calls?state=live", "a live call", (calls) => items(calls).length > 0);
    const [call] = items(live);
    if (call === undefined) throw new Error("no live call");
    return call;
  }

  async stop(): Promise<void> {
    const seats = [...this.#seats.values()].map(({ desk }) => desk);
    await Promise.all([...this.#desks, ...seats].map((desk) => desk.context.close()));
    if (this.ownsBrowser) await this.launched?.close();
    await this.daemon.stop();
    await this.simulator.stop();
  }
}

/** The whole picture is there. */
function isConnected(page: Page): Promise<void> {
  return page.getByRole("button", { name: /(: (connected|spojeno)\b.*){3}/ }).waitFor();
}

/** Nothing of a test stays in a browser but what the desk itself keeps there. */
async function leave(seat: { desk: Desk; isTaken: boolean }): Promise<void> {
  const { page, context } = seat.desk;
  await Promise.all(context.pages().filter((one) => one !== page).map((one) => one.close()));
  await context.unrouteAll();
  await page.unrouteAll();
  await page.goto("about:blank");
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: null, reducedMotion: null });
  seat.isTaken = false;
}

function stateOf(one: Json): unknown {
  return typeof one.state === "object" && one.state !== null && "effective" in one.state ? one.state.effective : undefined;
}

/** The note beside a call. */
export function note(page: Page): Locator {
  return page.getByRole("textbox", { name: /^(Note|Poznámka)$/ });
}

async function people(api: Api): Promise<void> {
  const has = (list: Json) => AGENTS.every((one) => items(list).some((row) => row.extension === one.phone));
  const agents = items(await api.until("/v1/agents?limit=200", "the members of the queues", has));
  const devices = items(await api.until("/v1/devices?limit=200", "the phones", has));
  const idOf = (rows: Json[], phone: string) => rows.find((row) => row.extension === phone)?.id;
  for (const { login, name, role, password, phone } of AGENTS) {
    const { id: user } = await api.post("/v1/users", { login, name, roles: [role], team: "praha", language: "en", password });
    await api.post("/v1/extensions", { switch: "lab", extension: phone, user });
    await api.post("/v1/assignments", { device: idOf(devices, phone), user, kind: "fixed" });
    await api.put(`/v1/agents/${idOf(agents, phone)}/user`, { user });
  }
}

async function contacts(api: Api): Promise<void> {
  const add = (name: string, number: string, more: Json = {}) => api.post("/v1/contacts", { kind: "person", name, numbers: [{ number }], ...more });
  await add(KNOWN.name, KNOWN.number, { company: KNOWN.company, email: "jana@dvorakova.example", external_id: "C-1042" });
  for (const name of SHARED.names) await add(name, SHARED.number);
  await add("Petra Malá", "+420605550117", { company: "Město Louny" });
}
