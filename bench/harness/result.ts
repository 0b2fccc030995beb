import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";
import type { Outcome, Scenario } from "./scenario.ts";

export const RESULTS = new URL("../results/", import.meta.url);

/** What a run of a scenario leaves behind in `bench/results/ID.json`. */
export interface Result extends Outcome {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly target: string;
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly date: string;
  /** Short hash, with `+` when the work tree differed from it. */
  readonly commit: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number; readonly os: string };
  readonly versions: { readonly node: string; readonly sqlite: string };
}

export function writeResult({ id, title, description, target }: Scenario, outcome: Outcome, seed: number): Result {
  const result: Result = {
    id,
    title,
    description,
    target,
    ...outcome,
    seed,
    date: new Date().toISOString(),
    commit: commit(),
    machine: {
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      os: `${platform()} ${arch()}`,
    },
    versions: { node: process.versions.node, sqlite: process.versions["sqlite"] ?? "unknown" },
  };
  writeFileSync(new URL(`${id}.json`, RESULTS), `${JSON.stringify(result, undefined, 2)}\n`);
  return result;
}

export function readResults(): Result[] {
  return readdirSync(RESULTS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(new URL(name, RESULTS), "utf8")) as Result)
    .toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
}

function commit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no")
      .split("\n")
      .some((line) => line !== "" && !line.includes("bench/results"));
    return git("rev-parse", "--short", "HEAD") + (isChanged ? "+" : "");
  } catch {
    return "unknown";
  }
}
