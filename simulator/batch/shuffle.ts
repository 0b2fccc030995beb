import type { Random } from "millrace";

/** The places from 0 to `count`, in a drawn order (Fisher and Yates). */
export function shuffledPlaces(count: number, random: Random): readonly number[] {
  const places = Array.from({ length: count }, (_, place) => place);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [places[last], places[other]] = [places[other] ?? other, places[last] ?? last];
  }
  return places;
}
