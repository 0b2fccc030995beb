import type { Log } from "millrace";

/** One measured side of a scenario: the figure and how far it moved between rounds. */
export interface Row {
  readonly side: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly unit: string;
  /** Smallest and largest of the rounds. */
  readonly spread: readonly [number, number];
}

export interface Outcome {
  readonly rows: readonly Row[];
  /** Quotients of medians, by name. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly met: boolean;
}

export interface BenchContext {
  readonly seed: number;
  /** A folder on the disk, gone after the scenario. */
  readonly directory: string;
  readonly log: Log;
  /** Says how far it is, on the standard error. */
  readonly say: (text: string) => void;
}

/** Something that is measured against something else in one run. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** What is compared with what, in a sentence or two, for the report. */
  readonly description: string;
  /** What must hold, in words. */
  readonly target: string;
  run(context: BenchContext): Promise<Outcome>;
}
