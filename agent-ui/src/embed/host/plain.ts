// Any other page: what the desk says comes as events of the element, and links to numbers are dialled on request.
import type { Adapter } from "./adapter";

export function plain(): Adapter {
  let element: HTMLElement | null = null;
  return {
    start(phone, into, options) {
      element = into;
      if (options.links === undefined) return;
      // `data-links`: a press on a link to a number calls it from here instead of asking which application should.
      document.addEventListener("click", (event) => {
        const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href^='tel:']") : null;
        if (link === null || event.defaultPrevented || !event.isTrusted) return;
        event.preventDefault();
        const { recordType: type, recordId: id, recordName: name } = link.dataset;
        phone.dial(decodeURIComponent(link.href.slice("tel:".length)), type && id ? { type, id, ...(name ? { name } : {}) } : undefined);
      });
    },
    on: (type, data) => void element?.dispatchEvent(new CustomEvent(`tieline:${type}`, { detail: data, bubbles: true })),
  };
}
