import type { MillraceError } from "../core/errors.ts";

/** What a server tells of its requests, and asks before it takes a heavy one. */
export interface ServedMetrics {
  began(): void;
  /** `ms` is null for a stream, whose length says nothing. `route` is the template of its address. */
  answered(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly ms: number | null;
  }): void;
  /** Why heavy requests are refused now; undefined: they are not. */
  refusal(): MillraceError | undefined;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  summary(range: "hour" | "day" | "month"): Promise<object>;
}
