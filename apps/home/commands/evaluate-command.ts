import type { AppCommand } from "millrace";
import type { HomeEvaluation } from "../evaluation/evaluate-home.ts";
import { HOME_OPTIONS, readHomeFlags } from "./home-flags.ts";

/** `millrace home evaluate`: how the miner and its rivals fare on an event file. */
export const evaluateCommand: AppCommand = {
  name: "evaluate",
  description: "learn from the first four fifths of an event file's days and foresee the last",
  options: HOME_OPTIONS,
  async run(flags, { clock, signal }) {
    const startedAt = clock.monotonic();
    const { path, zone, ...options } = readHomeFlags(flags);
    const [{ openZone }, { readSeries }, { evaluateHome }] = await Promise.all([
      import("../domain/zone.ts"),
      import("./read-series.ts"),
      import("../evaluation/evaluate-home.ts"),
    ]);
    const series = await readSeries({ path, zone: openZone(zone), signal });
    const evaluation = evaluateHome(series, { zone, ...options });
    const seconds = Math.round(clock.monotonic() - startedAt) / 1_000;
    return { json: { ...evaluation, seconds }, text: toText(evaluation) };
  },
};

function toText({ train_days, test_days, scores, folds, calibration, regret, gate }: HomeEvaluation): string {
  const fixed = (value: number): string => value.toFixed(3);
  const range = ([from, to]: readonly [number, number]): string => `${fixed(from)} to ${fixed(to)}`;
  return [
    `learnt from ${train_days} days, judged on ${test_days}`,
    ...table([
      ["", "", "rules", "precision", "by chance", "recall", "F1", "95 % of F1", "beyond chance", "wrong a day"],
      ...scores.map((score) => [
        score.view,
        score.side,
        String(score.rules),
        fixed(score.precision),
        fixed(score.chance),
        fixed(score.recall),
        fixed(score.f1),
        range(score.interval.f1),
        fixed(score.f1_beyond_chance),
        score.false_per_day.toFixed(1),
      ]),
    ]),
    "rolling origin, debounced:",
    ...table([
      ["learnt", "judged", "rules", "precision", "by chance", "recall", "F1", "wrong a day"],
      ...folds.map((fold) => [
        String(fold.train_days),
        String(fold.test_days),
        String(fold.rules),
        fixed(fold.precision),
        fixed(fold.chance),
        fixed(fold.recall),
        fixed(fold.f1),
        fold.false_per_day.toFixed(1),
      ]),
    ]),
    `Brier score of the confidence: ${calibration.brier === null ? "nothing fired" : fixed(calibration.brier)}`,
    `left on: ${regret.rules} rules, ${regret.firings} firings, ${regret.regrets} regretted`,
    ...Object.entries(gate).map(
      ([view, reasons]) => `gate, ${view}: ${reasons.length === 0 ? "passed" : reasons.join("; ")}`,
    ),
  ].join("\n");
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
