import type { AppPages } from "../../../dashboard/src/page-types.ts";
import "./home.css";
import { ExplorePage } from "./explore-page.tsx";
import { HistoryPage } from "./history-page.tsx";
import { HomeTiles } from "./home-tiles.tsx";
import { PatternsPage } from "./patterns-page.tsx";
import { SetupPage } from "./setup-page.tsx";
import { SuggestionsPage } from "./suggestions-page.tsx";

/** The home app's part of the dashboard. */
export const homePages: AppPages = {
  name: "Home",
  pages: [
    { path: "/home/suggestions", page: SuggestionsPage, link: { label: "Suggestions", icon: "suggestions" } },
    { path: "/home/patterns", page: PatternsPage, link: { label: "Patterns", icon: "patterns" } },
    { path: "/home/explore", page: ExplorePage, link: { label: "Explore", icon: "search" } },
    { path: "/home/history", page: HistoryPage, link: { label: "History", icon: "clock" } },
    { path: "/home/setup", page: SetupPage, link: { label: "Set up", icon: "home" } },
  ],
  tiles: HomeTiles,
};
