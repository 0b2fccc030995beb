import { signal } from "@preact/signals";
import { withBase, withoutBase } from "./base-path.ts";

export interface Address {
  readonly path: string;
  readonly search: string;
}

/** Where we are. */
export const address = signal<Address>(read());

function read(): Address {
  return { path: withoutBase(window.location.pathname), search: window.location.search };
}

/** Goes to another page of the dashboard. */
export function navigate(href: string): void {
  window.history.pushState(null, "", withBase(href));
  const before = address.value.path;
  address.value = read();
  if (address.value.path !== before) window.scrollTo(0, 0);
}

/** Lets plain links and the back button work without loading the document anew. */
export function startNavigation(): void {
  window.addEventListener("popstate", () => {
    address.value = read();
  });
  document.addEventListener("click", (event) => {
    const href = internalHref(event);
    if (href === undefined) return;
    event.preventDefault();
    navigate(href);
  });
}

/** The address of a link that was clicked plainly and stays within the dashboard. */
function internalHref(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0) return undefined;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link === null || link.target !== "" || link.hasAttribute("download")) return undefined;
  if (link.origin !== window.location.origin || withoutBase(link.pathname).startsWith("/api/")) return undefined;
  // A link within the page, such as the skip link, is the browser's.
  if (link.hash !== "" && link.pathname === window.location.pathname) return undefined;
  return link.pathname + link.search + link.hash;
}
