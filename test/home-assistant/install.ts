import { execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

/** The newest that runs on Python 3.11, which Debian 12 has. */
export const VERSION = "2024.3.3";
/** What every Home Assistant loads, and what the tests' configuration names. */
const COMPONENTS = (
  "analytics application_credentials backup frontend hardware logger network system_health automation " +
  "person scene script tag zone counter input_boolean input_button input_datetime input_number " +
  "input_select input_text schedule timer recorder history logbook config sun template lock"
).split(" ");

interface Manifest {
  readonly dependencies?: readonly string[];
  readonly after_dependencies?: readonly string[];
  readonly requirements?: readonly string[];
}

/** The program of Home Assistant in its folder, or why there is none. */
export type Installed = { readonly program: string } | { readonly missing: string };

/** An installation that has not ended after this time was cut off. */
const LONGEST_MS = 3_600_000;

/** Looks whether it was installed. */
export function findHomeAssistant(environment: NodeJS.ProcessEnv): Installed {
  const { program, done } = placesIn(environment);
  if (existsSync(done)) return { program };
  return { missing: "it is not installed: `npm test` or `node test/home-assistant/install.ts` does it" };
}

/**
 * Installs Home Assistant into the user's cache folder, once for all checkouts. It takes minutes the first time. Where Python 3.11 or the
 * package index is missing it says so.
 */
async function installHomeAssistant(environment: NodeJS.ProcessEnv): Promise<Installed> {
  const { folder, program, done } = placesIn(environment);
  if (existsSync(done)) return { program };
  const python = findPython(environment);
  if (python === undefined) return { missing: "there is no Python 3.11 (python3.11) on the path" };
  await mkdir(dirname(folder), { recursive: true });
  // Environments of Python hold their own path, so it is made where it stays; one process of a machine makes it.
  const lock = `${folder}.lock`;
  if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > LONGEST_MS) await rm(lock, { recursive: true });
  const isOurs = await mkdir(lock).then(
    () => true,
    () => false,
  );
  if (!isOurs) return { missing: "another process is installing it" };
  process.once("SIGTERM", () => {
    // Who waits for the tests called it off: the next one may begin at once.
    rmSync(lock, { recursive: true, force: true });
    process.exit(1);
  });
  try {
    await rm(folder, { recursive: true, force: true });
    await run(python, ["-m", "venv", folder]);
    const pip = join(folder, "bin", "pip");
    const index = await indexOf(pip, environment);
    await install({ folder, index, packages: [`homeassistant==${VERSION}`] });
    const packages = join(folder, "lib", "python3.11", "site-packages", "homeassistant");
    const constraints = join(packages, "package_constraints.txt");
    await install({ folder, index, packages: ["-c", constraints, ...requirementsIn(packages)] });
    await mkdir(done);
    return { program };
  } catch (error) {
    return { missing: `it could not be installed: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

interface InstallParams {
  readonly folder: string;
  readonly index: string | undefined;
  readonly packages: readonly string[];
}

/** By uv, which takes seconds where pip takes minutes to find versions that go together; by pip where uv reaches no index. */
async function install({ folder, index, packages }: InstallParams): Promise<void> {
  const pip = join(folder, "bin", "pip");
  const uv = join(folder, "bin", "uv");
  // The certificates of the system: a company may have its own.
  const args = ["pip", "install", "-q", "--native-tls", "--python", join(folder, "bin", "python")];
  try {
    if (!existsSync(uv)) await run(pip, ["install", "-q", "--disable-pip-version-check", "uv"]);
    await run(uv, [...args, ...(index === undefined ? [] : ["--default-index", index]), ...packages]);
  } catch {
    await run(pip, ["install", "-q", "--disable-pip-version-check", "--prefer-binary", ...packages]);
  }
}

/** Where pip looks for packages, when somebody set another place: uv does not read pip's settings. */
async function indexOf(pip: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const set = environment["UV_DEFAULT_INDEX"] ?? environment["UV_INDEX_URL"] ?? environment["PIP_INDEX_URL"];
  if (set !== undefined) return set;
  const { stdout } = await promisify(execFile)(pip, ["config", "get", "global.index-url"]).catch(() => ({
    stdout: "",
  }));
  return stdout.trim() === "" ? undefined : stdout.trim();
}

function placesIn(environment: NodeJS.ProcessEnv) {
  const cache = environment["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const folder = join(cache, "millrace", `home-assistant-${VERSION}`);
  // Made last: a folder without it was left by an installation that was cut off.
  return { folder, program: join(folder, "bin", "hass"), done: join(folder, "installed") };
}

/** What Home Assistant would install at its first start, by the manifests of its components. */
function requirementsIn(packages: string): readonly string[] {
  const requirements = new Set<string>(["setuptools<81", "josepy<2"]);
  const open = [...COMPONENTS];
  const seen = new Set<string>();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const path = join(packages, "components", name, "manifest.json");
    if (seen.has(name) || !existsSync(path)) continue;
    seen.add(name);
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    for (const requirement of manifest.requirements ?? []) requirements.add(requirement);
    open.push(...(manifest.dependencies ?? []));
  }
  return [...requirements];
}

function findPython(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment["MILLRACE_PYTHON"];
  if (given !== undefined) return given;
  const folders = (environment["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, "python3.11")).find((path) => existsSync(path));
}

/** Runs a program to its end. Throws with what it said last when it fails. */
function run(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
    const end = (): boolean => child.kill();
    process.once("exit", end);
    child.once("close", () => process.off("exit", end));
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString("utf8")).slice(-2_000)));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${args.slice(0, 3).join(" ")} ended with ${code}: ${said.trim()}`));
    });
  });
}

if (import.meta.main) {
  const installed = await installHomeAssistant(process.env);
  if ("missing" in installed) {
    process.stderr.write(`millrace: the tests with Home Assistant ${VERSION} are skipped: ${installed.missing}\n`);
  }
}
