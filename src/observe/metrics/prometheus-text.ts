import type { Family, LabelValues } from "./registry.ts";

/** Writes metrics in the text format 0.0.4 of Prometheus. */
export function toPrometheusText(families: readonly Family[]): string {
  return families
    .filter(({ series }) => series.length > 0)
    .map(
      (family) =>
        `${[`# HELP ${family.name} ${escapeHelp(family.help)}`, `# TYPE ${family.name} ${family.type}`, ...linesOf(family)].join("\n")}\n`,
    )
    .join("");
}

function linesOf(family: Family): readonly string[] {
  const { name, labels } = family;
  if (family.type !== "histogram") {
    return family.series.map(({ labels: values, value }) => `${name}${labelsOf(labels, values)} ${toNumber(value)}`);
  }
  return family.series.flatMap(({ labels: values, counts, sum }) => {
    let count = 0;
    const buckets = counts.map((inBucket, index) => {
      count += inBucket;
      const bound = toNumber(family.buckets[index] ?? Infinity);
      return `${name}_bucket${labelsOf([...labels, "le"], [...values, bound])} ${count}`;
    });
    const own = labelsOf(labels, values);
    return [...buckets, `${name}_sum${own} ${toNumber(sum)}`, `${name}_count${own} ${count}`];
  });
}

function labelsOf(names: readonly string[], values: LabelValues): string {
  if (names.length === 0) return "";
  return `{${names.map((name, index) => `${name}="${escapeValue(values[index] ?? "")}"`).join(",")}}`;
}

function toNumber(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}
