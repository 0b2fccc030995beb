import { QUICK_BUCKETS } from "./buckets.ts";
import type { Histogram, Registry } from "./registry.ts";

/** An answer to an HTTP request. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template of the address, `/api/runs/:id`: never the address itself. */
  readonly route: string;
  readonly status: number;
  /** Null for a stream, whose length says nothing. */
  readonly ms: number | null;
}

/** What is counted of HTTP requests, and read again for summaries. */
export interface RequestMetrics {
  began(): void;
  answered(request: AnsweredRequest): void;
  /** By method and route, in seconds. */
  readonly times: Histogram;
  /** Answers of 500 and above. */
  failures(): number;
}

export function countRequests(registry: Registry): RequestMetrics {
  let inFlight = 0;
  let failures = 0;
  const requests = registry.counter({
    name: "millrace_http_requests_total",
    help: "Answers to HTTP requests.",
    labels: ["method", "route", "code"],
  });
  const times = registry.histogram({
    name: "millrace_http_request_duration_seconds",
    help: "From the arrival of an HTTP request to the end of its answer.",
    labels: ["method", "route"],
    buckets: QUICK_BUCKETS,
  });
  registry.read(
    { name: "millrace_http_requests_in_flight", help: "HTTP requests that are being answered.", type: "gauge" },
    () => [{ labels: [], value: inFlight }],
  );
  return {
    began: () => void inFlight++,
    answered({ method, route, status, ms }) {
      inFlight--;
      if (status >= 500) failures++;
      requests.add([method, route, String(status)]);
      if (ms !== null) times.observe([method, route], ms / 1_000);
    },
    times,
    failures: () => failures,
  };
}
