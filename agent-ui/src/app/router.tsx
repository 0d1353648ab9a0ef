import { type AsyncRouteComponent, createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Layout } from "./Layout";
import { m } from "../i18n/generated/messages.js";
import { Guarded, PageError, PageMissing } from "./PageError";

const root = createRootRoute({ component: Layout, errorComponent: PageError, notFoundComponent: PageMissing });

// Each page is its own chunk; only what an agent sees first comes with the first load.
const desk = createRoute({ getParentRoute: () => root, path: "/", component: lazyRouteComponent(() => import("../desk/DeskPage"), "DeskPage") });
const directory = createRoute({ getParentRoute: () => root, path: "/directory", component: lazyRouteComponent(() => import("../desk/DirectoryPage"), "DirectoryPage") });
const dial = createRoute({ getParentRoute: () => root, path: "/dial", component: lazyRouteComponent(() => import("../desk/DialPage"), "DialPage") });
const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage") });
const journal = guarded("/journal", ["call.read"], () => m.rail_journal(), lazyRouteComponent(() => import("../journal/JournalPage"), "JournalPage"));
const contacts = guarded("/contacts", ["contact.read"], () => m.rail_contacts(), lazyRouteComponent(() => import("../admin/ContactsPage"), "ContactsPage"));
const setup = guarded("/admin/setup", ["switch.admin", "device.admin"], () => m.rail_setup(), lazyRouteComponent(() => import("../admin/SetupPage"), "SetupPage"));
const pops = guarded("/admin/pops", ["pop.admin", "pop.preview"], () => m.rail_pops(), lazyRouteComponent(() => import("../admin/PopRulesPage"), "PopRulesPage"));
const users = guarded("/admin/users", ["user.admin"], () => m.rail_users(), lazyRouteComponent(() => import("../admin/UsersPage"), "UsersPage"));

/** A page for those with one of the rights. */
function guarded(path: string, rights: readonly string[], title: () => string, Lazy: AsyncRouteComponent<object>) {
  const component = Object.assign(
    () => (
      <Guarded rights={rights} title={title()}>
        <Lazy />
      </Guarded>
    ),
    { preload: () => Lazy.preload?.() ?? Promise.resolve() },
  );
  return createRoute({ getParentRoute: () => root, path, component });
}

export const router = createRouter({
  routeTree: root.addChildren([desk, directory, dial, settings, journal, contacts, setup, pops, users]),
  defaultPreload: "intent",
  defaultErrorComponent: PageError,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
