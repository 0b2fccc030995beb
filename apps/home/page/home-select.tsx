import { navigate } from "../../../dashboard/src/routing/navigation.ts";
import type { HomeView } from "../api.ts";

interface HomeSelectProps {
  readonly homes: readonly HomeView[];
  /** The chosen home; undefined for all. */
  readonly value: string | undefined;
  /** The address of the page for a choice. */
  readonly hrefOf: (home: string | undefined) => string;
}

/** Chooses whose homes are shown. */
export function HomeSelect({ homes, value, hrefOf }: HomeSelectProps) {
  return (
    <label class="select">
      Home
      <select
        value={value ?? (homes.length === 1 ? homes[0]?.name : "")}
        onChange={(event) => navigate(hrefOf(event.currentTarget.value === "" ? undefined : event.currentTarget.value))}
      >
        {homes.length !== 1 && <option value="">All homes</option>}
        {homes.map(({ name, isSample }) => (
          <option key={name} value={name}>
            {isSample ? `${name} (made up)` : name}
          </option>
        ))}
      </select>
    </label>
  );
}
