import { z } from "zod";

const NO_ADDRESS = "must be an address such as http://homeassistant.local:8123";
const NO_TOKEN = "must be a long-lived access token";

const Url = z
  .string({ error: NO_ADDRESS })
  .trim()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    error: NO_ADDRESS,
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
export const HomeAssistant = z.strictObject({
  /** Its address, with http:// or https://. */
  url: Url,
  /** A long-lived access token of an administrator. */
  token: z.string({ error: NO_TOKEN }).trim().min(1, NO_TOKEN),
  /** What its home is called here. */
  name: z.string().trim().min(1).max(64).default("home"),
  /** How many days of its history are read at first; Home Assistant itself keeps ten by default. */
  backfillDays: z.int().min(1).max(3_650).default(30),
  /** Whether changes are taken as they happen while Millrace runs; without it they are read once a day. */
  live: z.boolean().default(true),
  /** How long changes are kept, in days. Default: as long as there is room (maxEvents). */
  keepDays: z.int().min(1).optional(),
});

export type HomeAssistantConfig = z.output<typeof HomeAssistant>;

/** One Home Assistant or several; several need names of their own. */
export const HomeAssistants = z
  .union([HomeAssistant.transform((home) => [home]), z.array(HomeAssistant).max(100)], { error: mistakeIn })
  .refine((homes) => new Set(homes.map(({ name }) => name)).size === homes.length, "Give each home a name of its own");

/** What is wrong with the one home, or with the first of the list that is wrong. */
function mistakeIn(issue: z.core.$ZodRawIssue): string {
  const { input } = issue;
  const options = issue.code === "invalid_union" ? issue.errors : [];
  const mistake = typeof input === "object" && input !== null ? options[Array.isArray(input) ? 1 : 0]?.[0] : undefined;
  return mistake === undefined
    ? "must hold url and token, or be a list of such"
    : `${mistake.path.join(".")} ${mistake.message}`.trim();
}
