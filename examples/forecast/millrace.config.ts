import { automation, defineConfig, on } from "millrace";
import { z } from "zod";

const Place = z.object({ place: z.string() });

/** Asks what costs time or money once an hour, however many ask, and better gives an old answer than none. */
export const forecast = automation(
  "forecast",
  { description: "Tells the weather of a place.", on: [on.manual(Place)] },
  async ({ event, step, cache }) => {
    const { place } = event.data;
    const ask = async () => {
      const { value, source, ageMs } = await cache.fetch(`weather:${place}`, () => measure(place), {
        policy: "weather",
        tags: [`place:${place}`],
      });
      return { ...value, source, ageMs };
    };
    return await step.run("ask", ask);
  },
);

async function measure(place: string): Promise<{ readonly degrees: number }> {
  return { degrees: place.length };
}

export default defineConfig({
  automations: [forecast],
  cache: {
    memory: { maxItems: 5_000, maxBytes: 50_000_000 },
    policies: {
      weather: { ttl: "1h", staleWhileRevalidate: "10m", staleIfError: "1d", flight: "shared" },
    },
  },
});
