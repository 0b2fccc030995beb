// The npm scripts. Each prepares what it needs on a fresh clone, then does its work.
// Plain JavaScript for any Node from 20 on: it runs before the pinned one is installed.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { pinnedNode, root, runSource, sourceEnvironment } from "../bin/source.mjs";

const TESTS = [
  "src/**/*.test.ts",
  "apps/**/*.test.ts",
  "simulator/**/*.test.ts",
  "dashboard/**/*.test.ts",
  "bench/**/*.test.ts",
];
const SLOW_TESTS = ["test/{*,!(home-assistant)/**/*}.test.ts"];
/** Installing it takes minutes the first time: the others run meanwhile. */
const HOME_ASSISTANT_TESTS = ["test/home-assistant/*.test.ts"];
/** Starts what the test files of a run share. */
const SETUP = "test/postgres/global-setup.ts";
/** Programs that some tests drive: Debian as root gets them, everybody else is told. */
const PROGRAMS = [
  { name: "Chromium", variable: "MILLRACE_CHROMIUM", path: "/usr/bin/chromium", debian: "chromium" },
  { name: "Redis", variable: "MILLRACE_REDIS_SERVER", path: "/usr/bin/redis-server", debian: "redis-server" },
  { name: "Postgres", variable: "MILLRACE_POSTGRES_BIN", path: postgresFolder(), debian: "postgresql" },
];
/** Each for one test file, which is skipped where it cannot be had. */
const SMALL_PROGRAMS = [
  { name: "MariaDB", variable: "MILLRACE_MARIADB", path: "/usr/sbin/mariadbd", debian: "mariadb-server-core" },
  { name: "Mosquitto", variable: "MILLRACE_MOSQUITTO", path: "/usr/sbin/mosquitto", debian: "mosquitto" },
];

const [command = "", ...args] = process.argv.slice(2);

const COMMANDS = {
  async start() {
    install();
    buildDashboardWhenStale();
    await runSource(["src/main.ts", "start", ...args]);
  },
  async test() {
    install();
    const isAll = args.length === 0;
    const homeAssistant =
      isAll || args.some((path) => path.includes("home-assistant")) ? installHomeAssistant() : undefined;
    installPrograms();
    build();
    if (isAll) await testAll(homeAssistant);
    else {
      await homeAssistant;
      endUnlessPassed(await test(args));
    }
  },
  async "test:fast"() {
    install();
    // Without what files share: in one process it would be waited for, and what needs it starts its own.
    endUnlessPassed(await test(args.length > 0 ? args : TESTS, { flags: ["--test-isolation=none"] }));
  },
  async check() {
    install();
    bin("tsc", ["--noEmit", "-p", "."]);
    bin("tsc", ["--noEmit", "-p", "dashboard"]);
    bin("oxlint", []);
    bin("oxfmt", ["--check"]);
    bin("knip", []);
    await COMMANDS.test();
    bin("publint", ["--strict"]);
    bin("attw", ["--pack", ".", "--profile", "esm-only"]);
  },
  async bench() {
    install();
    build();
    await runSource(["bench/main.ts", ...args]);
  },
  build() {
    install();
    build();
  },
};

const run = COMMANDS[command];
if (run === undefined) fail(`Unknown command "${command}". There are: ${Object.keys(COMMANDS).join(", ")}.`);
await run();

/** Installs the packages of the lockfile when they are missing or older than it. */
function install() {
  const lock = join(root, "package-lock.json");
  const installed = join(root, "node_modules", ".package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  say("Installing packages (once)");
  const npm = process.env.npm_execpath;
  const npmArgs = ["ci", "--include=dev", "--include=optional", "--loglevel=error"];
  if (npm?.endsWith(".js")) execute(process.execPath, [npm, ...npmArgs]);
  else execute("npm", npmArgs);
}

function installPrograms() {
  const isMissing = ({ variable, path }) => !existsSync(process.env[variable] ?? path);
  const missing = PROGRAMS.filter(isMissing);
  const missingSmall = SMALL_PROGRAMS.filter(isMissing);
  const all = [...missing, ...missingSmall];
  if (all.length === 0) return;
  if (existsSync("/etc/debian_version") && process.getuid?.() === 0) {
    say(`Installing ${all.map(({ name }) => name).join(" and ")} for the tests (once)`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    const options = { cwd: root, env, stdio: ["ignore", "ignore", "inherit"] };
    const apt = "apt-get";
    const install = ["-qq", "install", "--yes", "--no-install-recommends"];
    spawnSync(apt, ["-qq", "update"], options);
    if (missing.length > 0) execute(apt, [...install, ...missing.map(({ debian }) => debian)], options);
    for (const { name, debian } of missingSmall) {
      const { status } = spawnSync(apt, [...install, debian], options);
      if (status !== 0) say(`${name} could not be installed: its test is skipped.`);
    }
    return;
  }
  for (const { name, variable, path, debian } of all) {
    const remedy = `Install it (Debian: apt-get install ${debian}) or set ${variable} to its path.`;
    const lack = `There is no ${name} at ${process.env[variable] ?? path}`;
    if (process.env.CI === "true") fail(`${lack}. ${remedy}`);
    say(`${lack}: its tests are skipped. ${remedy}`);
  }
}

/** Home Assistant for the tests that drive a real one; where it cannot be installed they are skipped, and this says why. */
async function installHomeAssistant() {
  say("Looking for Home Assistant for its tests, and installing it in the background where it is missing (once)");
  await ended(spawn(pinnedNode(), [join("test", "home-assistant", "install.ts")], { cwd: root, stdio: "inherit" }));
}

/** Debian keeps the programs of the server beside the path, one folder a version. */
function postgresFolder() {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, "initdb"))) ?? join(debian, "bin");
}

function build() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  bin("tsc", ["-p", "tsconfig.build.json"]);
  for (const folder of ["src", "apps"]) copyBeside(folder);
  buildDashboard();
}

/** The compiler leaves migrations and notices behind: they go beside the modules that they belong to. */
function copyBeside(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) copyBeside(path);
    else if (entry.name.endsWith(".sql") || entry.name === "NOTICE") cpSync(join(root, path), join(root, "dist", path));
  }
}

function buildDashboard() {
  bin("vite", ["build", "dashboard", "--logLevel", "warn"]);
}

function buildDashboardWhenStale() {
  const page = join(root, "dist", "dashboard", "index.html");
  const sources = ["dashboard", "apps"].flatMap((folder) => files(join(root, folder)));
  if (existsSync(page) && sources.every((path) => statSync(path).mtimeMs <= statSync(page).mtimeMs)) return;
  say("Building the dashboard");
  buildDashboard();
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules") return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

/** The tests with Home Assistant, which mostly wait for it, run beside the others once it is there; what they say comes last. */
async function testAll(homeAssistant) {
  const patient = { isHeld: true, timeoutMs: 480_000 };
  const beside = homeAssistant.then(() => test(HOME_ASSISTANT_TESTS, patient));
  const [others, withHome] = await Promise.all([test([...TESTS, ...SLOW_TESTS]), beside]);
  process.stdout.write(withHome.said);
  endUnlessPassed(others);
  endUnlessPassed(withHome);
}

/** Runs test files. `isHeld`: what they say is given back instead of shown. */
async function test(patterns, { flags = [`--test-global-setup=${SETUP}`], isHeld = false, timeoutMs = 240_000 } = {}) {
  const runner = [
    "--conditions=millrace-source",
    "--test",
    // More than CI has cores: many files wait for other processes most of the time.
    "--test-concurrency=3",
    `--test-timeout=${timeoutMs}`,
    "--test-reporter=spec",
  ];
  let said = "";
  const child = spawn(pinnedNode(), [...runner, ...flags, ...patterns], {
    cwd: root,
    env: sourceEnvironment(),
    stdio: ["inherit", isHeld ? "pipe" : "inherit", "inherit"],
  });
  child.stdout?.setEncoding("utf8").on("data", (text) => (said += text));
  return { status: await ended(child), said };
}

/** The exit code of a child, which ends with this process at the latest; null where it was killed or never began. */
async function ended(child) {
  const end = () => child.kill();
  process.on("exit", end);
  const status = await new Promise((resolve) => child.once("close", resolve).once("error", () => resolve(null)));
  process.off("exit", end);
  return status;
}

function endUnlessPassed({ status }) {
  if (status !== 0) process.exit(status ?? 1);
}

/** Runs a tool that the lockfile brought. */
function bin(name, toolArgs) {
  execute(name, toolArgs, { env: sourceEnvironment(), shell: process.platform === "win32" });
}

function execute(file, fileArgs, options = {}) {
  const { status, signal, error } = spawnSync(file, fileArgs, { cwd: root, stdio: "inherit", ...options });
  if (error !== undefined) fail(`${file} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? (signal === "SIGINT" ? 130 : 1));
}

function say(text) {
  console.error(`millrace: ${text} …`);
}

function fail(text) {
  console.error(`error: ${text}`);
  process.exit(1);
}
