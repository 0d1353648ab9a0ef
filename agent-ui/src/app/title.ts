// The title of the window: the page, or who calls; with a badge in the icon while somebody does.
import { m } from "../i18n/generated/messages.js";

let page = "";
let calling: string | null = null;

const ICON = (badge: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d2a3d"/><path d="M5 16h7m8 0h7" stroke="#fff" stroke-width="3" stroke-linecap="round"/><circle cx="16" cy="16" r="4.5" fill="none" stroke="#fff" stroke-width="3"/>${badge}</svg>`;
const RINGING = `<circle cx="25" cy="7" r="7" fill="#ffcb2e"/>`;

function show(): void {
  const name = page === "" ? m.app_name() : `${page} · ${m.app_name()}`;
  document.title = calling === null ? name : `☎ ${calling}`;
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link !== null) link.href = `data:image/svg+xml,${encodeURIComponent(ICON(calling === null ? "" : RINGING))}`;
}

export const pageTitle = {
  set: (title: string): void => {
    page = title;
    show();
  },
  /** Who calls, as long as somebody does. */
  calling: (name: string | null): void => {
    if (name === calling) return;
    calling = name;
    show();
  },
};
