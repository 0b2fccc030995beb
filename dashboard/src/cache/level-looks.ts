import type { CacheLevelName } from "millrace/http";

export const LEVELS = ["memory", "database", "files"] as const satisfies readonly CacheLevelName[];

/** How a level is called and coloured wherever it is drawn. */
export const LEVEL_LOOKS: Readonly<
  Record<CacheLevelName, { readonly label: string; readonly tone: number; readonly about: string }>
> = {
  memory: { label: "Memory", tone: 1, about: "Values in this process, answered without waiting." },
  database: { label: "Database", tone: 2, about: "Shared by every process, there after a restart." },
  files: { label: "Files", tone: 3, about: "Large values in the data folder." },
};

/** Callers that shared the work of another. */
export const JOINED_LOOK = { label: "Joined", tone: 4 } as const;
