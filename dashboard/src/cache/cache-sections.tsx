import { FilterLinks } from "../components/filter-links.tsx";

const SECTIONS = [
  { href: "/cache", label: "How it does" },
  { href: "/cache/entries", label: "Entries" },
  { href: "/cache/similar", label: "Similar answers" },
] as const;

/** The way between the pages about the cache. */
export function CacheSections({ current }: { readonly current: (typeof SECTIONS)[number]["href"] }) {
  return (
    <FilterLinks
      label="Cache"
      links={SECTIONS.map(({ href, label }) => ({ href, label, isCurrent: href === current }))}
    />
  );
}
