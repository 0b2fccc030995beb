import type { AppPages } from "../../../dashboard/src/page-types.ts";
import "./home.css";
import { HomeTiles } from "./home-tiles.tsx";
import { PatternsPage } from "./patterns-page.tsx";
import { SuggestionsPage } from "./suggestions-page.tsx";

/** The home app's part of the dashboard. */
export const homePages: AppPages = {
  name: "Home",
  pages: [
    { path: "/home/suggestions", page: SuggestionsPage, link: { label: "Suggestions", icon: "suggestions" } },
    { path: "/home/patterns", page: PatternsPage, link: { label: "Patterns", icon: "patterns" } },
  ],
  tiles: HomeTiles,
};
