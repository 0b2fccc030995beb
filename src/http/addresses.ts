import type { Method, Route } from "./route.ts";

/** Which methods an address takes, whatever method was asked for. */
export interface Addresses {
  /** For the Allow header; undefined when there is nothing at this path. */
  allowed(path: string): readonly string[] | undefined;
}

export function createAddresses(routes: readonly Pick<Route, "method" | "path">[]): Addresses {
  const byPath = new Map<string, { readonly matches: RegExp; readonly methods: Set<Method> }>();
  for (const { method, path } of routes) {
    const entry = byPath.get(path) ?? { matches: toPattern(path), methods: new Set() };
    entry.methods.add(method);
    byPath.set(path, entry);
  }
  return {
    allowed(path) {
      const methods = new Set<string>();
      for (const entry of byPath.values()) {
        if (entry.matches.test(path)) for (const method of entry.methods) methods.add(method);
      }
      if (methods.has("GET")) methods.add("HEAD");
      return methods.size === 0 ? undefined : [...methods];
    },
  };
}

function toPattern(path: string): RegExp {
  const parts = path.split("/").map((part) => (part.startsWith(":") ? "[^/]+" : part.replaceAll(/[^\w-]/g, "\\$&")));
  return new RegExp(`^${parts.join("/")}$`);
}
