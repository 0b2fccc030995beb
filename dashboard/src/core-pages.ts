import type { AppPages } from "./page-types.ts";
import { AuditPage } from "./pages/audit.tsx";
import { CachePage } from "./pages/cache.tsx";
import { CacheEntriesPage } from "./pages/cache-entries.tsx";
import { CacheSimilarPage } from "./pages/cache-similar.tsx";
import { CallPage } from "./pages/call.tsx";
import { CallsPage } from "./pages/calls.tsx";
import { CallsAllPage } from "./pages/calls-all.tsx";
import { CallsCostPage } from "./pages/calls-cost.tsx";
import { Overview } from "./pages/overview.tsx";
import { PerformancePage } from "./pages/performance.tsx";
import { RunPage } from "./pages/run.tsx";
import { Runs } from "./pages/runs.tsx";

/** The pages that belong to Millrace itself. */
export const CORE_PAGES: AppPages = {
  name: "Millrace",
  pages: [
    { path: "/", page: Overview, link: { label: "Overview", icon: "overview" } },
    { path: "/runs", page: Runs, link: { label: "Runs", icon: "runs" } },
    { path: "/runs/:id", page: RunPage },
    { path: "/calls", page: CallsPage, link: { label: "Calls", icon: "calls" } },
    { path: "/calls/all", page: CallsAllPage },
    { path: "/calls/cost", page: CallsCostPage },
    { path: "/calls/:id", page: CallPage },
    { path: "/cache", page: CachePage, link: { label: "Cache", icon: "cache" } },
    { path: "/performance", page: PerformancePage, link: { label: "Performance", icon: "performance" } },
    { path: "/audit", page: AuditPage, link: { label: "Audit log", icon: "audit" } },
    { path: "/cache/entries", page: CacheEntriesPage },
    { path: "/cache/similar", page: CacheSimilarPage },
  ],
};
