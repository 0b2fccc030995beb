import { z } from "zod";
import { isAddress, mistakeOfAddress, toEventPlace } from "./ingest/event-place.ts";
import { HomeAssistants } from "./home-assistant/config.ts";
import { isTimezone } from "./domain/zone.ts";

/** An IANA name that this runtime knows. */
export const Timezone = z.string().refine(isTimezone, {
  error: ({ input }) => `"${String(input)}" is not a known time zone: give an IANA name, for example Europe/Amsterdam`,
});

/** A home's name, as lists and addresses show it. */
export const HomeName = z
  .string()
  .trim()
  .min(1, "A home's name cannot be empty")
  .max(64, "A home's name has at most 64 characters")
  .refine((name) => !/\p{Cc}/u.test(name), "A home's name cannot hold control characters");

const Settings = {
  /** The event file that the daily job reads, or the postgres:// or mariadb:// address of a recorder; a relative path counts from the working folder. Without it the job reads the sample home. */
  events: z
    .string()
    .min(1, "must be the path of an event file")
    .refine((place) => !isAddress(place) || mistakeOfAddress(place) === undefined, {
      error: ({ input }) => mistakeOfAddress(String(input)) ?? "",
    })
    .transform(toEventPlace)
    .optional(),
  /** The Home Assistant that is read and that approved automations go to; a list for several homes. */
  homeAssistant: HomeAssistants.optional(),
  /** The MQTT broker of Home Assistant, to which the number of pending suggestions is told: `mqtt://user:password@host:1883`, or `mqtts://`. */
  mqtt: z
    .string()
    .refine((url) => URL.canParse(url) && /^mqtts?:$/.test(new URL(url).protocol), {
      error: "must be an address such as mqtt://user:password@homeassistant.local:1883",
    })
    .optional(),
  /** Time zone of the home. Default: the time zone of the configuration. */
  timezone: Timezone.optional(),
  /** What the home is called. Default: made from the file's name and its absolute path. */
  name: HomeName.optional(),
  /** How many events of a home are kept, at most; the oldest go first. A million take about 70 MB. */
  maxEvents: z.int().min(1_000).default(5_000_000),
  /** How many of the strongest rules get a suggestion, at most. */
  maxSuggestions: z.int().min(1).max(100).default(10),
  /** How many devices are looked up, and how many suggestions are asked for, at once. */
  parallel: z.int().min(1).max(50).default(5),
  /** Which model writes the words: an alias or `provider/model`. */
  model: z.string().min(1).default("fast"),
  /** Whether the made-up sample home is read when there is no event file. */
  sample: z.boolean().default(true),
  /** Seed of the sample home: another seed is another household. */
  sampleSeed: z.int().min(0).default(1),
};

const UNKNOWN = `is not a setting of the home app: known are ${Object.keys(Settings).join(", ")}`;

/** The section `apps.home` of the configuration. Everything may be left out. */
export const HomeConfig = z.object(Settings).catchall(z.custom<unknown>(() => false, UNKNOWN));

export type HomeConfig = z.output<z.ZodObject<typeof Settings>>;
