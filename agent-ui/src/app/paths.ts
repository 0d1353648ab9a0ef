// The one place that writes addresses.

/** The desk in a frame of another system's page. */
export const FRAME_AT = "/embed";

export const paths = {
  desk: () => "/",
  live: () => "/live",
  directory: () => "/directory",
  frameSignIn: () => `${FRAME_AT}/sign-in`,
  dial: (link: string) => `/dial?number=${encodeURIComponent(link)}`,
  callbacks: () => "/callbacks",
  missed: (call: string) => `/callbacks?part=missed&id=${encodeURIComponent(call)}`,
  journal: () => "/journal",
  reports: () => "/reports",
  contacts: (contact?: string) => (contact === undefined ? "/contacts" : `/contacts?contact=${encodeURIComponent(contact)}`),
  setup: () => "/admin/setup",
  queues: () => "/admin/queues",
  popRules: () => "/admin/pops",
  webhooks: () => "/admin/webhooks",
  users: () => "/admin/users",
  settings: () => "/settings",
} as const;
