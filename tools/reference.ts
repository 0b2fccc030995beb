// Writes docs/reference from the code. `--check` fails when a page is out of date instead.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { RuleSchema } from "../apps/home/domain/rule-schema.ts";
import { ERROR_KINDS } from "../src/core/errors.ts";

/** Generated pages, by their path in the repository. */
export function referencePages(): ReadonlyMap<string, string> {
  return new Map([
    ["docs/reference/errors.md", errorsPage()],
    ["docs/reference/home-rule.schema.json", ruleSchema()],
  ]);
}

function errorsPage(): string {
  const rows = Object.entries(ERROR_KINDS).map(
    ([code, { title, status, advice }]) => `| <a id="${code}"></a>\`${code}\` | ${title} | ${status} | ${advice} |`,
  );
  return `# Errors

Made of \`src/core/errors.ts\` by \`node tools/reference.ts\`. Every error has a code to branch on; over HTTP it is the \`code\` of a problem
document (RFC 9457) with this status, on the command line it stands in brackets behind the message.

| code | what it says | HTTP status | what to do |
|---|---|---|---|
${rows.join("\n")}
`;
}

/** What `millrace home mine --json` prints for each rule. */
function ruleSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(RuleSchema), undefined, 2)}\n`;
}

if (import.meta.main) {
  for (const [path, text] of referencePages()) {
    const file = new URL(`../${path}`, import.meta.url);
    const isFresh = existsSync(file) && readFileSync(file, "utf8") === text;
    if (isFresh) continue;
    if (process.argv.includes("--check")) {
      console.error(`error: ${path} is out of date: run node tools/reference.ts`);
      process.exitCode = 1;
    } else {
      writeFileSync(file, text);
      console.error(`wrote ${path}`);
    }
  }
}
