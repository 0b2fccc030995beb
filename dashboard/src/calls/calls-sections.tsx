import { FilterLinks } from "../components/filter-links.tsx";

const SECTIONS = [
  { href: "/calls", label: "How they do" },
  { href: "/calls/all", label: "All calls" },
  { href: "/calls/cost", label: "Cost" },
] as const;

/** The way between the pages about calls. */
export function CallsSections({ current }: { readonly current: (typeof SECTIONS)[number]["href"] }) {
  return (
    <FilterLinks
      label="Calls"
      links={SECTIONS.map(({ href, label }) => ({ href, label, isCurrent: href === current }))}
    />
  );
}
