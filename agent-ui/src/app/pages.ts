// The pages of the desk. Each is a chunk of its own; only what an agent sees first comes with the first load.
import type { ComponentType } from "react";
import { loadAdminMessages } from "virtual:messages";
import { m } from "../i18n/generated/messages.js";
import { paths } from "./paths";

export interface Page {
  path: string;
  load: () => Promise<ComponentType>;
  /** Any of these rights opens it; none is for everybody. */
  rights?: readonly string[];
  /** Its name, for those whom it is closed to. */
  title?: () => string;
}

/** Pages beside the desk have words of their own. */
async function withWords(load: () => Promise<ComponentType>): Promise<ComponentType> {
  const [page] = await Promise.all([load(), loadAdminMessages()]);
  return page;
}

const PAGES: readonly Page[] = [
  { path: paths.desk(), load: async () => (await import("../desk/DeskPage")).DeskPage },
  { path: paths.live(), rights: ["agent.read.team"], title: m.rail_live, load: () => withWords(async () => (await import("../supervisor/LivePage")).LivePage) },
  { path: paths.directory(), load: async () => (await import("../desk/DirectoryPage")).DirectoryPage },
  { path: "/dial", load: async () => (await import("../desk/DialPage")).DialPage },
  { path: paths.journal(), rights: ["call.read"], title: m.rail_journal, load: () => withWords(async () => (await import("../journal/JournalPage")).JournalPage) },
  { path: paths.reports(), rights: ["report.read"], title: m.rail_reports, load: () => withWords(async () => (await import("../reports/ReportsPage")).ReportsPage) },
  { path: paths.callbacks(), rights: ["callback.work", "missed.work"], title: m.rail_callbacks, load: () => withWords(async () => (await import("../callbacks/CallbacksPage")).CallbacksPage) },
  { path: paths.settings(), load: async () => (await import("./SettingsPage")).SettingsPage },
  { path: paths.contacts(), rights: ["contact.read"], title: m.rail_contacts, load: () => withWords(async () => (await import("../admin/ContactsPage")).ContactsPage) },
  { path: paths.setup(), rights: ["switch.admin", "device.admin"], title: m.rail_setup, load: () => withWords(async () => (await import("../admin/SetupPage")).SetupPage) },
  { path: paths.queues(), rights: ["queue.admin"], title: m.rail_queues, load: () => withWords(async () => (await import("../admin/QueuesPage")).QueuesPage) },
  { path: paths.popRules(), rights: ["pop.admin", "pop.preview"], title: m.rail_pops, load: () => withWords(async () => (await import("../admin/PopRulesPage")).PopRulesPage) },
  { path: paths.webhooks(), rights: ["webhook.admin"], title: m.rail_hooks, load: () => withWords(async () => (await import("../admin/WebhooksPage")).WebhooksPage) },
  { path: paths.users(), rights: ["user.admin"], title: m.rail_users, load: () => withWords(async () => (await import("../admin/UsersPage")).UsersPage) },
];

const coming = new Map<string, Promise<ComponentType>>();
/** Pages whose code is there. */
export const there = new Map<string, ComponentType>();

/** The code of a page, fetched once; a failed try is forgotten. */
export function fetchPage({ path, load }: Page): Promise<ComponentType> {
  const known = coming.get(path);
  if (known !== undefined) return known;
  const fresh = load().then((component) => {
    there.set(path, component);
    return component;
  });
  coming.set(path, fresh);
  fresh.catch(() => coming.delete(path));
  return fresh;
}

/** The page of an address. */
export const pageAt = (pathname: string): Page | undefined => PAGES.find(({ path }) => path === pathname);

/** Fetches the code of a page that somebody is about to open. */
export function preloadPage(pathname: string): void {
  const page = pageAt(pathname);
  // The try that counts is the one that opens it.
  if (page !== undefined) fetchPage(page).catch(() => undefined);
}
