// Notifications of the operating system, one per call, and windows of pop rules.

const open = new Map<string, Notification>();

export type NotifyState = NotificationPermission | "unsupported";

export const notifyState = (): NotifyState => ("Notification" in window ? Notification.permission : "unsupported");

/** Must be called from a press of a button. */
export async function askToNotify(): Promise<NotifyState> {
  return "Notification" in window ? Notification.requestPermission() : "unsupported";
}

/** Shows or replaces the notification of a call; a click brings this page to the front. */
export function notify(tag: string, title: string, body: string): void {
  if (notifyState() !== "granted") return;
  try {
    const shown = new Notification(title, { body, tag, requireInteraction: true });
    shown.addEventListener("click", () => {
      window.focus();
      shown.close();
    });
    open.set(tag, shown);
  } catch {
    // Some mobile browsers have the permission but not the constructor; the page itself shows the call.
  }
}

export function unnotify(tag: string): void {
  open.get(tag)?.close();
  open.delete(tag);
}

/**
 * Opens the window of a pop rule, or reuses the one of that name; false when the browser refuses.
 * `noopener` as a feature would hide the refusal and forget the name, so the opener is cut afterwards.
 */
export function openWindow(url: string, name: string): boolean {
  if (!/^https?:\/\//i.test(url)) return false;
  let opened: Window | null;
  try {
    opened = window.open(url, name);
  } catch {
    // An address that no browser takes.
    return false;
  }
  if (opened === null) return false;
  try {
    opened.opener = null;
  } catch {
    // A reused window of another site: its opener was cut when it was new.
  }
  return true;
}
