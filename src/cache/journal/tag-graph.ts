import { MillraceError } from "../../core/errors.ts";
import type { Invalidation } from "../contract.ts";

/** Which tags depend on which. */
export interface TagGraph {
  /** Gives the dependencies that were not linked yet. Throws CAPACITY_REACHED past the bound. */
  link(tag: string, dependencies: readonly string[]): string[];
  /** Everything that is linked, by the tag that depends. */
  links(): Map<string, string[]>;
  /** What an invalidation reaches: itself and, for a tag, every tag that depends on it. */
  spread(invalidation: Invalidation): Invalidation[];
}

export const MAX_LINKS = 100_000;

export function createTagGraph({ maxLinks = MAX_LINKS }: { readonly maxLinks?: number } = {}): TagGraph {
  const dependents = new Map<string, Set<string>>();
  let links = 0;

  return {
    link(tag, dependencies) {
      const added: string[] = [];
      for (const dependency of dependencies) {
        const known = dependents.get(dependency) ?? new Set();
        if (known.has(tag)) continue;
        if (links >= maxLinks) throw tooManyLinks(maxLinks);
        dependents.set(dependency, known.add(tag));
        links += 1;
        added.push(dependency);
      }
      return added;
    },
    links() {
      const byTag = new Map<string, string[]>();
      for (const [dependency, tags] of dependents) {
        for (const tag of tags) byTag.set(tag, [...(byTag.get(tag) ?? []), dependency]);
      }
      return byTag;
    },
    spread(invalidation) {
      const { mode, scope } = invalidation;
      if (scope.kind !== "tag") return [invalidation];
      const reached = new Set([scope.tag]);
      for (const tag of reached) for (const dependent of dependents.get(tag) ?? []) reached.add(dependent);
      return [...reached].map((tag) => ({ mode, scope: { kind: "tag", tag } }));
    },
  };
}

export function tooManyLinks(maxLinks: number): MillraceError {
  return new MillraceError("CAPACITY_REACHED", `There are ${maxLinks} links between tags already.`, {
    advice: "Link kinds of things, not single ones: a link is kept for good, since losing it would serve old values.",
    isRetryable: false,
  });
}
