import { options } from "preact";

/**
 * The path below which the dashboard stands, without a slash at its end: empty, or what a proxy such as Home Assistant's ingress puts before
 * it. The build lays this module into `assets/`, so its own address tells.
 */
const BASE = baseOf(import.meta.url);

export function baseOf(moduleUrl: string): string {
  const { pathname } = new URL(moduleUrl);
  const end = pathname.lastIndexOf("/assets/");
  return end < 0 ? "" : pathname.slice(0, end);
}

/** The address of a path of the dashboard or of the API. */
export function withBase(path: string, base = BASE): string {
  return path.startsWith("/") && !isBelow(path, base) ? base + path : path;
}

/** The dashboard's own path of an address. */
export function withoutBase(path: string, base = BASE): string {
  return isBelow(path, base) ? path.slice(base.length) || "/" : path;
}

function isBelow(path: string, base: string): boolean {
  return base !== "" && (path === base || path.startsWith(`${base}/`));
}

/** Pages write their links as if they stood at the top; from here on the links are right wherever they stand. */
export function startLinks(): void {
  const before = options.vnode?.bind(options);
  options.vnode = (vnode) => {
    const { props } = vnode as { readonly props: { href?: unknown } };
    if (vnode.type === "a" && typeof props.href === "string") props.href = withBase(props.href);
    before?.(vnode);
  };
}
