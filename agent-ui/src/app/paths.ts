// The one place that writes addresses.

export const paths = {
  desk: () => "/",
  live: () => "/live",
  directory: () => "/directory",
  dial: (link: string) => `/dial?number=${encodeURIComponent(link)}`,
  journal: () => "/journal",
  contacts: (contact?: string) => (contact === undefined ? "/contacts" : `/contacts?contact=${encodeURIComponent(contact)}`),
  setup: () => "/admin/setup",
  popRules: () => "/admin/pops",
  users: () => "/admin/users",
  settings: () => "/settings",
} as const;
