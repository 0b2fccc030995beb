import { home } from "../apps/home/index.ts";
import type { AnyApp } from "./app.ts";

/** The apps that come with Millrace. */
export const APPS: readonly AnyApp[] = [home];
