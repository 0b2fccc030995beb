import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The law: a folder, and what its files may import of this repository. `millrace` stands for the package by its name. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "src/core": [],
  "src/model": ["src/core"],
  "src/resilience": ["src/core"],
  "src/cache": ["src/core"],
  "src/store": ["src/core"],
  "src/observe": ["src/core"],
  "src/calls": ["src/core", "src/model", "src/resilience", "src/cache"],
  "src/runs": ["src/core", "src/store"],
  "src/http": ["src/core", "src/runs", "src/store", "src/calls", "src/cache"],
  simulator: ["millrace"],
  bench: ["millrace", "apps"],
  examples: ["millrace"],
  dashboard: ["apps/page", "type millrace/http"],
  "apps/page": ["dashboard", "type apps", "type millrace/http"],
  apps: ["millrace"],
};
/** Places where everything is in view. */
const FREE = new Set(["src", "src/cli", "test", "tools", "bin"]);

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^;"']*?from\s+["']([^"']+)["']|(?:^|\n)\s*import\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/g;

function importsOf(file: string): Import[] {
  return [...readFileSync(join(ROOT, file), "utf8").matchAll(IMPORT)].map((match) => ({
    specifier: match[2] ?? match[3] ?? match[4] ?? "",
    isType: match[1] !== undefined,
  }));
}

/** The layer a file belongs to: the folder named in the table. */
function layerOf(file: string): string {
  const parts = file.split(sep);
  const [top = "", second = ""] = parts;
  if (top === "src") return parts.length === 2 ? "src" : `src/${second}`;
  if (top === "apps" && parts[2] === "page") return "apps/page";
  return top;
}

/** What an import reaches: a layer of this repository, `millrace` for the package by its name, or undefined for anything else. */
function targetOf(file: string, { specifier, isType }: Import): string | undefined {
  const prefix = isType ? "type " : "";
  if (specifier === "millrace/http") return `${prefix}millrace/http`;
  if (specifier === "millrace" || specifier.startsWith("millrace/")) return `${prefix}millrace`;
  if (!specifier.startsWith(".")) return undefined;
  return prefix + layerOf(relative(ROOT, resolve(dirname(join(ROOT, file)), specifier)));
}

function breaches(file: string): string[] {
  const layer = layerOf(file);
  if (FREE.has(layer)) return [];
  const allowed = LAYERS[layer];
  if (allowed === undefined) return [`${file}: the folder ${layer} is not in the table of layers`];
  return importsOf(file).flatMap((entry) => {
    const target = targetOf(file, entry);
    if (target === undefined) return [];
    const bare = target.replace("type ", "");
    const isAllowed =
      bare === layer ||
      allowed.includes(bare) ||
      allowed.includes(target) ||
      (bare === "millrace/http" && allowed.includes("millrace"));
    return isAllowed
      ? []
      : [`${file} imports ${entry.specifier}: ${layer} may import ${allowed.join(", ") || "nothing"}`];
  });
}

const SOURCES = globSync("{src,apps,simulator,bench,examples,dashboard}/**/*.{ts,tsx}", {
  cwd: ROOT,
  exclude: (path) => path.includes("node_modules"),
});
const PRODUCT = SOURCES.filter((file) => !/\.test\.tsx?$|[/\\]test-[^/\\]+$/.test(file));

describe("layers", () => {
  it("imports go one way only", () => {
    assert.ok(PRODUCT.length > 30, `only ${PRODUCT.length} files were looked at`);
    assert.deepEqual(PRODUCT.flatMap(breaches), []);
  });

  it("an import against the table is found", () => {
    const target = targetOf("src/core/clock.ts", { specifier: "../store/store.ts", isType: false });
    assert.equal(target, "src/store");
    assert.equal(LAYERS["src/core"]?.includes("src/store"), false);
  });

  it("only src/config.ts reads the environment", () => {
    const readers = PRODUCT.filter(
      (file) => /^(src|apps)/.test(file) && /process\.env\b/.test(readFileSync(join(ROOT, file), "utf8")),
    );
    assert.deepEqual(readers, [join("src", "config.ts")]);
  });
});

describe("the repository", () => {
  it("names no registry in its lockfile", () => {
    const lock = readFileSync(join(ROOT, "package-lock.json"), "utf8");
    assert.doesNotMatch(lock, /"resolved": "https?:/);
  });
});
