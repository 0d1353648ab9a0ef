import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Layout } from "./Layout";
import { PageError, PageMissing } from "./PageError";
import { paths } from "./paths";

const root = createRootRoute({ component: Layout, errorComponent: PageError, notFoundComponent: PageMissing });

// Each page is its own chunk; only what an agent sees first comes with the first load.
const desk = createRoute({ getParentRoute: () => root, path: "/", component: lazyRouteComponent(() => import("../desk/DeskPage"), "DeskPage") });
const directory = createRoute({ getParentRoute: () => root, path: "/directory", component: lazyRouteComponent(() => import("../desk/DirectoryPage"), "DirectoryPage") });
const settings = createRoute({ getParentRoute: () => root, path: "/settings", component: lazyRouteComponent(() => import("./SettingsPage"), "SettingsPage") });
const contacts = createRoute({ getParentRoute: () => root, path: "/contacts", component: lazyRouteComponent(() => import("../admin/ContactsPage"), "ContactsPage") });
const setup = createRoute({ getParentRoute: () => root, path: "/admin/setup", component: lazyRouteComponent(() => import("../admin/SetupPage"), "SetupPage") });
const pops = createRoute({ getParentRoute: () => root, path: "/admin/pops", component: lazyRouteComponent(() => import("../admin/PopRulesPage"), "PopRulesPage") });
const users = createRoute({ getParentRoute: () => root, path: "/admin/users", component: lazyRouteComponent(() => import("../admin/UsersPage"), "UsersPage") });

export const router = createRouter({
  routeTree: root.addChildren([desk, directory, settings, contacts, setup, pops, users]),
  defaultPreload: "intent",
  defaultErrorComponent: PageError,
  scrollRestoration: false,
});

/** Where an unknown address leads back to. */
export const home = paths.desk;

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
