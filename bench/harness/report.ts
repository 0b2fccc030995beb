import { readFileSync, writeFileSync } from "node:fs";
import { RESULTS, readResults, type Result } from "./result.ts";

/* Tables and pictures are made of the JSON files alone: no figure in the documents is typed by hand. */

/** Documents with blocks between `<!-- bench:ID -->` and `<!-- /bench -->`, relative to the repository. */
const DOCUMENTS = [
  "README.md",
  "docs/ledger.md",
  "docs/guide/scaled.md",
  "docs/decisions/005-pg-boss-brings-runs-to-workers.md",
  "bench/findings.md",
];

/** Writes `bench/results/README.md`, one picture per result, and every marked block of the documents. */
export function writeReport(): void {
  const results = readResults();
  for (const result of results) writeFileSync(new URL(`${result.id}.svg`, RESULTS), toSvg(result));
  writeFileSync(new URL("README.md", RESULTS), toMarkdown(results));
  for (const path of DOCUMENTS) {
    const file = new URL(`../../${path}`, import.meta.url);
    const before = readText(file);
    if (before !== undefined) writeFileSync(file, fillBlocks(before, results));
  }
}

/** Replaces what stands in the marked blocks by what the results say. An unknown id is left as it is. */
export function fillBlocks(document: string, results: readonly Result[]): string {
  return document.replaceAll(
    /(<!-- bench:([\w-]+) -->)[\s\S]*?(<!-- \/bench -->)/g,
    (block, start: string, id: string, end: string) => {
      const result = results.find((candidate) => candidate.id === id);
      return result === undefined ? block : `${start}${toSentence(result)}${end}`;
    },
  );
}

/** One line for a document: what was measured, the ratios, and whether the target is met. */
export function toSentence({ title, ratios, met, target }: Result): string {
  const list = Object.entries(ratios).map(([name, value]) => `${name} **${figure(value)}**`);
  return `${title}: ${list.join(", ")} (target: ${target}; ${met ? "met" : "**not met**"})`;
}

export function toMarkdown(results: readonly Result[]): string {
  const head =
    "# Measured\n\nMade by `npm run bench` of the JSON files beside it. Medians; in brackets the smallest and largest round. Times depend on the machine, ratios much less.\n";
  return [head, ...results.map(toSection)].join("\n");
}

function toSection(result: Result): string {
  const rows = result.rows.map(
    ({ side, value, unit, spread }) => `| ${side} | ${figure(value)} ${unit} | ${spread.map(figure).join(" to ")} |`,
  );
  const ratios = Object.entries(result.ratios).map(([name, value]) => `- ${name}: **${figure(value)}**`);
  return `## ${result.id}: ${result.title}

${result.description}

| side | median | range |
|---|---|---|
${rows.join("\n")}

${ratios.join("\n")}

Target: ${result.target}. **${result.met ? "Met" : "Not met"}.**

![${result.id}](${result.id}.svg)

${result.date.slice(0, 10)}, commit ${result.commit}, seed ${result.seed}, Node ${result.versions.node}, SQLite ${result.versions.sqlite}, ${result.machine.cores} cores, ${result.machine.memoryGiB} GiB, ${result.machine.os}
`;
}

const BAR = { left: 230, width: 380, height: 26, gap: 12, top: 44 };

/** A bar for each side, the range as a line across its end. Colours that hold in light and dark. */
export function toSvg({ id, title, rows }: Result): string {
  const longest = Math.max(...rows.map(({ spread }) => spread[1]), Number.MIN_VALUE);
  const height = BAR.top + rows.length * (BAR.height + BAR.gap);
  const scale = (value: number): number => Math.max(1, Math.round((value / longest) * BAR.width));
  const bars = rows.map(({ side, value, unit, spread }, index) => {
    const y = BAR.top + index * (BAR.height + BAR.gap);
    const middle = y + BAR.height / 2;
    return `  <text x="${BAR.left - 10}" y="${middle + 5}" text-anchor="end">${escape(side)}</text>
  <rect x="${BAR.left}" y="${y}" width="${scale(value)}" height="${BAR.height}" rx="3" fill="${index === 0 ? "#8b8b8b" : "#2b7a9b"}"/>
  <line x1="${BAR.left + scale(spread[0])}" x2="${BAR.left + scale(spread[1])}" y1="${middle}" y2="${middle}" stroke="#d08a2e" stroke-width="3"/>
  <text x="${BAR.left + scale(Math.max(value, spread[1])) + 8}" y="${middle + 5}">${figure(value)} ${escape(unit)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${height}" width="760" height="${height}" role="img" aria-label="${escape(title)}">
  <style>text { font: 14px system-ui, sans-serif; fill: #3a3a3a } @media (prefers-color-scheme: dark) { text { fill: #d8d8d8 } }</style>
  <text x="10" y="22" font-weight="bold">${escape(id)}: ${escape(title)}</text>
${bars.join("\n")}
</svg>
`;
}

/** Three significant digits. */
function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumSignificantDigits: 3 });
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function readText(file: URL): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
