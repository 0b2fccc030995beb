import { compareLines } from "./compare-lines.ts";

interface YamlDifferenceProps {
  readonly before: string;
  readonly after: string;
  /** What is read out for it. */
  readonly label?: string;
}

/** Two forms of an automation, line by line. */
export function YamlDifference({ before, after, label = "Difference" }: YamlDifferenceProps) {
  return (
    <pre class="yaml" tabIndex={0} aria-label={label}>
      {compareLines(before, after).map(({ kind, text }, index) => {
        if (kind === "same") return <span key={index}>{`  ${text}\n`}</span>;
        return kind === "added" ? <ins key={index}>{`+ ${text}\n`}</ins> : <del key={index}>{`- ${text}\n`}</del>;
      })}
    </pre>
  );
}
