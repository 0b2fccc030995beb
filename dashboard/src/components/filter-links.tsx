import { formatNumber } from "../format/count.ts";

export interface FilterLink {
  readonly href: string;
  readonly label: string;
  readonly isCurrent: boolean;
  readonly count?: number | undefined;
}

/** Narrows a list; each choice is an address of its own. */
export function FilterLinks({ label, links }: { readonly label: string; readonly links: readonly FilterLink[] }) {
  return (
    <nav class="filters" aria-label={label}>
      <ul>
        {links.map(({ href, label, isCurrent, count }) => (
          <li key={href}>
            <a href={href} aria-current={isCurrent ? "true" : undefined}>
              {label}
              {count !== undefined && <span class="filter-count">{formatNumber(count)}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
