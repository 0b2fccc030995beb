import type { AppPages } from "./page-types.ts";
import { Overview } from "./pages/overview.tsx";
import { RunPage } from "./pages/run.tsx";
import { Runs } from "./pages/runs.tsx";

/** The pages that belong to Millrace itself. */
export const CORE_PAGES: AppPages = {
  name: "Millrace",
  pages: [
    { path: "/", page: Overview, link: { label: "Overview", icon: "overview" } },
    { path: "/runs", page: Runs, link: { label: "Runs", icon: "runs" } },
    { path: "/runs/:id", page: RunPage },
  ],
};
