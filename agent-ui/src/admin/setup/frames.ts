// Addresses of pages that may frame the desk, as the server takes them. Pure.

/** Scheme, host and perhaps a port: no path, no wildcard. The server has the last word. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(text.trim());
}

/** What a page takes in to show the desk; the name of the adapter is the page's choice. */
export function snippetOf(desk: string): string {
  return [
    '<div data-tieline="salesforce" style="width: 360px; height: 640px"></div>',
    `<script type="module" src="${desk}/embed/host.js"></script>`,
    "<!-- salesforce, dynamics, hubspot, zendesk or plain -->",
  ].join("\n");
}
