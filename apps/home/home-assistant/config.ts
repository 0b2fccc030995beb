import { z } from "zod";

const Url = z
  .string()
  .trim()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: "must be an address such as http://homeassistant.local:8123",
    abort: true,
  })
  .refine((text) => new URL(text).username === "" && new URL(text).password === "", {
    error: "cannot hold a name or password: give the token as homeAssistant.token",
  })
  .transform((text) => {
    const { origin, pathname } = new URL(text);
    return `${origin}${pathname}`.replace(/(?:\/api)?\/*$/, "");
  });

/** One Home Assistant. */
const Home = z.strictObject({
  /** Its address, with http:// or https://. */
  url: Url,
  /** A long-lived access token of an administrator. */
  token: z.string().trim().min(1, "must be a long-lived access token"),
  /** What its home is called here. */
  name: z.string().trim().min(1).max(64).default("home"),
  /** How many days of its history are read at first; Home Assistant itself keeps ten by default. */
  backfillDays: z.int().min(1).max(3_650).default(30),
  /** Whether changes are taken as they happen while Millrace runs; without it they are read once a day. */
  live: z.boolean().default(true),
  /** How long changes are kept, in days. Default: as long as there is room (maxEvents). */
  keepDays: z.int().min(1).optional(),
});

export type HomeAssistantConfig = z.output<typeof Home>;

/** One Home Assistant or several; several need names of their own. */
export const HomeAssistants = z
  .union([Home.transform((home) => [home]), z.array(Home).max(100)], {
    error: "must hold url and token, or be a list of such",
  })
  .refine((homes) => new Set(homes.map(({ name }) => name)).size === homes.length, "Give each home a name of its own");
