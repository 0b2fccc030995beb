import type { Prepared } from "../text/prepare.ts";
import type { Comparison } from "./comparison.ts";

/** What guards are given beside the two prompts. */
export interface GuardContext extends Comparison {
  readonly isOpposite: (a: string, b: string) => boolean;
}

/** Judges whether the answer to one prompt may be served for another. It knows no similarity, only language. */
export interface Guard {
  readonly name: string;
  /** The reason for a veto; undefined when this guard has none. Symmetric in its two prompts. */
  veto(a: Prepared, b: Prepared, context: GuardContext): string | undefined;
}
