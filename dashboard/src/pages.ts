import { homePages } from "../../apps/home/page/index.ts";
import type { AppPages } from "./page-types.ts";

/** The apps that have pages: another app adds one line. */
export const APP_PAGES: readonly AppPages[] = [homePages];
