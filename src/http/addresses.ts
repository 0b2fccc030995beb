import type { Method, Route } from "./route.ts";

/** Which methods an address takes, whatever method was asked for. */
export interface Addresses {
  /** For the Allow header; undefined when there is nothing at this path. */
  allowed(path: string): readonly string[] | undefined;
}

export interface AddressEntry extends Pick<Route, "method" | "path"> {
  /** Whether HEAD answers as GET does, without the body. Default true. */
  readonly hasHead?: boolean;
}

export function createAddresses(routes: readonly AddressEntry[]): Addresses {
  const byPath = new Map<string, { readonly matches: RegExp; readonly methods: Set<Method | "HEAD"> }>();
  for (const { method, path, hasHead = true } of routes) {
    const entry = byPath.get(path) ?? { matches: toPattern(path), methods: new Set() };
    entry.methods.add(method);
    if (method === "GET" && hasHead) entry.methods.add("HEAD");
    byPath.set(path, entry);
  }
  return {
    allowed(path) {
      const methods = new Set<string>();
      for (const entry of byPath.values()) {
        if (entry.matches.test(path)) for (const method of entry.methods) methods.add(method);
      }
      return methods.size === 0 ? undefined : [...methods];
    },
  };
}

function toPattern(path: string): RegExp {
  const parts = path.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(/[^\w-]/g, "\\$&")));
  return new RegExp(`^${parts.join("/")}$`);
}
