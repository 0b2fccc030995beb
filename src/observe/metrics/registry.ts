/* Metrics in the sense of Prometheus: counters that only grow, gauges that are read when they are asked for, histograms of cumulative
   buckets. Every metric has a bounded number of series: what comes later is counted under `other`. */

/** Values of the labels, in the order of the metric's names. */
export type LabelValues = readonly string[];

export interface MetricOptions {
  /** As Prometheus wants it: base units, `_total` for counters. */
  readonly name: string;
  readonly help: string;
  /** Default none. */
  readonly labels?: readonly string[];
}

export interface HistogramOptions extends MetricOptions {
  /** Upper bounds, growing; infinity is added. */
  readonly buckets: readonly number[];
}

export interface Counter {
  add(labels: LabelValues, amount?: number): void;
}

export interface Histogram {
  observe(labels: LabelValues, value: number): void;
  /** By series. */
  read(): readonly HistogramSeries[];
  readonly buckets: readonly number[];
}

export interface HistogramSeries {
  readonly labels: LabelValues;
  /** Of each bucket alone, the last one without an upper bound. */
  readonly counts: readonly number[];
  readonly sum: number;
}

export interface ValueSeries {
  readonly labels: LabelValues;
  readonly value: number;
}

export type Family = Required<MetricOptions> &
  (
    | { readonly type: "counter" | "gauge"; readonly series: readonly ValueSeries[] }
    | { readonly type: "histogram"; readonly buckets: readonly number[]; readonly series: readonly HistogramSeries[] }
  );

export interface Registry {
  counter(options: MetricOptions): Counter;
  histogram(options: HistogramOptions): Histogram;
  /** A value that is read whenever it is asked for; one that only grows is of the type counter. */
  read(
    options: MetricOptions & { readonly type: "counter" | "gauge" },
    read: () => readonly ValueSeries[] | Promise<readonly ValueSeries[]>,
  ): void;
  /** All metrics in the order in which they were made. One that cannot be read is left out. */
  collect(): Promise<readonly Family[]>;
}

export interface RegistryOptions {
  /** Series of one metric. Default 200. */
  readonly maxSeries?: number;
}

const OTHER = "other";

/** Series by one label after the other: to look each up costs less than to join them. */
interface Place<T> {
  series?: T;
  readonly next: Map<string, Place<T>>;
}

export function createRegistry({ maxSeries = 200 }: RegistryOptions = {}): Registry {
  const collectors: (() => Promise<Family>)[] = [];

  /** Finds the series of these labels, or makes it. */
  function seriesOf<T>(make: (labels: LabelValues) => T, labelCount: number) {
    const all: T[] = [];
    const others = Array.from({ length: labelCount }, () => OTHER);
    const root: Place<T> = { next: new Map() };
    function at(labels: LabelValues): Place<T> | undefined {
      let place: Place<T> | undefined = root;
      for (let index = 0; place !== undefined && index < labels.length; index++) {
        place = place.next.get(labels[index] ?? "");
      }
      return place;
    }
    function open(labels: LabelValues): Place<T> {
      let place = root;
      for (const label of labels) {
        const next: Place<T> = place.next.get(label) ?? { next: new Map() };
        place.next.set(label, next);
        place = next;
      }
      return place;
    }
    function find(labels: LabelValues): T {
      const found = at(labels)?.series;
      if (found !== undefined) return found;
      if (all.length >= maxSeries - 1 && labels !== others) return find(others);
      const made = make([...labels]);
      all.push(made);
      open(labels).series = made;
      return made;
    }
    return { find, all };
  }

  return {
    counter({ name, help, labels = [] }) {
      const { find, all } = seriesOf((values) => ({ labels: values, value: 0 }), labels.length);
      collectors.push(async () => ({ name, help, labels, type: "counter", series: [...all] }));
      return {
        add(values, amount = 1) {
          if (amount > 0) find(values).value += amount;
        },
      };
    },
    histogram({ name, help, labels = [], buckets }) {
      const { find, all } = seriesOf(
        (values) => ({ labels: values, counts: new Array<number>(buckets.length + 1).fill(0), sum: 0 }),
        labels.length,
      );
      collectors.push(async () => ({ name, help, labels, type: "histogram", buckets, series: [...all] }));
      return {
        buckets,
        observe(values, value) {
          const series = find(values);
          const index = placeOf(value, buckets);
          series.counts[index] = (series.counts[index] ?? 0) + 1;
          series.sum += value;
        },
        read: () => [...all],
      };
    },
    read({ name, help, labels = [], type }, read) {
      collectors.push(async () => ({ name, help, labels, type, series: (await read()).slice(0, maxSeries) }));
    },
    async collect() {
      const families = await Promise.allSettled(collectors.map((collect) => collect()));
      return families.flatMap((family) => (family.status === "fulfilled" ? [family.value] : []));
    },
  };
}

/** The first bucket that a value fits into. */
function placeOf(value: number, buckets: readonly number[]): number {
  let low = 0;
  let high = buckets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (buckets[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}
