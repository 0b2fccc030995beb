import { type Duration, toMs } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors.ts";
import type { Schema } from "../../core/schema.ts";
import type { BatchRules } from "../automation.ts";
import type { Stored } from "../stored.ts";
import { createSignature, type Signature, type SignaturePreset } from "./signature.ts";

export interface WebhookOptions<Body> {
  /** What the body must be; it is checked before anything is stored. Default: any JSON. */
  readonly schema?: Schema<Body>;
  /**
   * What the sender signs with; several while it is being changed: each is taken. Without one everybody who reaches the address may start runs,
   * and only programs on this machine are let in.
   */
  readonly secret?: string | readonly string[];
  /**
   * How the sender signs: `github`, `stripe`, `standard-webhooks`, `sha256` (hex of HMAC-SHA-256 over the body in `x-signature-256`, with or
   * without `sha256=` in front), or a header of your own that is like that one. Default sha256.
   */
  readonly signature?: SignaturePreset | { readonly header: string };
  /** How far the time that was signed may be from now, for senders that sign one. Default 5m. */
  readonly replayWindow?: Duration;
}

export interface WebhookTrigger<Body = unknown> {
  readonly kind: "webhook";
  /** With a slash in front: the address is `/api/webhooks` and this. */
  readonly path: string;
  readonly schema: Schema<Body> | undefined;
  /** Undefined: nothing is signed. */
  readonly signature: Signature | undefined;
  /** Set: several deliveries make one run. */
  readonly batch?: BatchRules;
  readonly data?: Body;
}

const PATH = /^(?:\/[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)+$/;
const SHORTEST_SECRET = 8;

/**
 * Starts a run for each delivery to `POST /api/webhooks/…`; the sender is answered once the run is stored. The event carries the body.
 * Throws INPUT_INVALID with the option that is wrong.
 */
export function webhook<Body = unknown>(
  path: string,
  options: WebhookOptions<Body> = {},
): WebhookTrigger<Stored<Body>> {
  const { schema, secret, replayWindow = "5m" } = options;
  const full = path.startsWith("/") ? path : `/${path}`;
  if (!PATH.test(full)) {
    throw new MillraceError("INPUT_INVALID", `"${path}" cannot be the path of a webhook.`, {
      advice: "Use lower-case words joined by slashes, dots or dashes, for example github/issues.",
    });
  }
  return {
    kind: "webhook",
    path: full,
    schema: schema as Schema<Stored<Body>> | undefined,
    signature: secret === undefined ? unsigned(full, options) : signed(full, secret, options, toMs(replayWindow)),
  };
}

type Signing = Pick<WebhookOptions<unknown>, "signature">;

function unsigned(path: string, { signature }: Signing): undefined {
  if (signature === undefined) return undefined;
  throw new MillraceError("INPUT_INVALID", `The webhook ${path} has a signature, but no secret to check it with.`);
}

function signed(
  path: string,
  secret: string | readonly string[],
  { signature = "sha256" }: Signing,
  windowMs: number,
): Signature {
  const secrets = typeof secret === "string" ? [secret] : secret;
  if (secrets.length === 0 || secrets.some((each) => typeof each !== "string" || each.length < SHORTEST_SECRET)) {
    throw new MillraceError(
      "INPUT_INVALID",
      `The secret of the webhook ${path} is missing or has fewer than ${SHORTEST_SECRET} characters.`,
      { advice: "Is the variable that holds it set?" },
    );
  }
  return createSignature(signature, { secrets, windowMs, path });
}
