const ORDER = ["one", "two", "map", "three"] as const;

/** Which steps of a journey must be stored, as the body of a later one has begun since: their ids, by the id of the run. */
export function acknowledged(effects: Readonly<Record<string, number>>): Map<string, readonly string[]> {
  const latest = new Map<string, number>();
  for (const effect of Object.keys(effects)) {
    const [run = "", what = ""] = effect.split(" ");
    const place = ORDER.indexOf(what.startsWith("item-") ? "map" : (what as "one"));
    latest.set(run, Math.max(latest.get(run) ?? 0, place));
  }
  return new Map(
    [...latest].map(([run, place]) => [
      run,
      ORDER.slice(0, place).flatMap((step) =>
        step === "map" ? Array.from({ length: 12 }, (_, index) => `ask:item-${index}`) : [step],
      ),
    ]),
  );
}
