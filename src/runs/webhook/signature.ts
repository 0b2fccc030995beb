import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { MillraceError } from "../../core/errors.ts";

export type SignaturePreset = "github" | "stripe" | "standard-webhooks" | "sha256";

/** A delivery as it came in. */
export interface Delivery {
  /** In lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The bytes of the body: what was signed. */
  readonly body: Uint8Array;
}

/** What a delivery whose signature fits is called: two of one name are the same delivery. */
export interface Verified {
  readonly deliveryId: string;
}

/** Checks who a delivery comes from, and when it was made. */
export interface Signature {
  /**
   * Throws SIGNATURE_REFUSED for a delivery that is not signed, signed with another secret, changed on the way, or older than the window. `now`
   * is in milliseconds since the epoch.
   */
  verify(delivery: Delivery, now: number): Verified;
}

export interface SignatureParams {
  readonly secrets: readonly string[];
  /** How far a signed time may be from now, in milliseconds. */
  readonly windowMs: number;
  /** Of the webhook, for messages. */
  readonly path: string;
}

/** Makes the check of a preset, or of a header that carries the hex of an HMAC-SHA-256 over the body. */
export function createSignature(
  preset: SignaturePreset | { readonly header: string },
  params: SignatureParams,
): Signature {
  if (typeof preset === "object") return bodySignature(preset.header.toLowerCase(), ["idempotency-key"], params);
  switch (preset) {
    case "github":
      return bodySignature("x-hub-signature-256", ["x-github-delivery"], params);
    case "sha256":
      return bodySignature("x-signature-256", ["idempotency-key"], params);
    case "stripe":
      return stripe(params);
    case "standard-webhooks":
      return standardWebhooks(params);
    // Who writes JavaScript is not kept from anything else.
    default:
      throw new MillraceError("INPUT_INVALID", `"${String(preset)}" of the webhook ${params.path} is no signature.`, {
        advice: "Use github, stripe, standard-webhooks, sha256, or the name of a header: { header }.",
      });
  }
}

/**
 * The body alone is signed, as GitHub does (docs.github.com, "Validating webhook deliveries"): a name in a header tells deliveries apart, else
 * their content does.
 */
function bodySignature(header: string, names: readonly string[], { secrets, path }: SignatureParams): Signature {
  return {
    verify(delivery) {
      const given = headerOf(delivery, header, path).replace(/^sha256=/, "");
      requireOne(
        [given],
        secrets.map((secret) => hmac(secret, [delivery.body]).toString("hex")),
        path,
      );
      const name = names.map((each) => one(delivery, each)).find((each) => each !== undefined);
      return { deliveryId: name ?? bodyHash(delivery) };
    },
  };
}

/** `Stripe-Signature: t=…,v1=…`: HMAC-SHA-256 over time, a dot and the body (docs.stripe.com/webhooks, "Verify manually"). */
function stripe({ secrets, windowMs, path }: SignatureParams): Signature {
  return {
    verify(delivery, now) {
      const fields = headerOf(delivery, "stripe-signature", path)
        .split(",")
        .map((field) => field.trim().split("=", 2));
      const at = fields.find(([name]) => name === "t")?.[1] ?? "";
      const given = fields.flatMap(([name, value]) => (name === "v1" && value !== undefined ? [value] : []));
      const expected = secrets.map((secret) => hmac(secret, [`${at}.`, delivery.body]).toString("hex"));
      requireOne(given, expected, path);
      requireTime(at, now, windowMs, path);
      return { deliveryId: bodyHash(delivery) };
    },
  };
}

/** `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,…`: HMAC-SHA-256 over all, in base64 (standardwebhooks.com, version 1). */
function standardWebhooks({ secrets, windowMs, path }: SignatureParams): Signature {
  const keys = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64"));
  return {
    verify(delivery, now) {
      const id = headerOf(delivery, "webhook-id", path);
      const at = headerOf(delivery, "webhook-timestamp", path);
      const given = headerOf(delivery, "webhook-signature", path)
        .split(" ")
        .flatMap((signature) => (signature.startsWith("v1,") ? [signature.slice(3)] : []));
      const expected = keys.map((key) => hmac(key, [`${id}.${at}.`, delivery.body]).toString("base64"));
      requireOne(given, expected, path);
      requireTime(at, now, windowMs, path);
      return { deliveryId: id };
    },
  };
}

function hmac(key: string | Uint8Array, parts: readonly (string | Uint8Array)[]): Buffer {
  const sum = createHmac("sha256", key);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

function bodyHash({ body }: Delivery): string {
  return createHash("sha256").update(body).digest("hex");
}

/** Asks whether one of the signatures fits; how long it takes tells nothing about what would have fitted. */
function requireOne(given: readonly string[], expected: readonly string[], path: string): void {
  let fits = false;
  // Nobody signs with more: a list made to keep us busy is not read on.
  for (const signature of given.slice(0, 10)) {
    for (const right of expected) if (isSame(signature, right)) fits = true;
  }
  if (!fits) throw refused(path, "its signature does not fit");
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Seconds since the epoch, as text. */
function requireTime(at: string, now: number, windowMs: number, path: string): void {
  if (!/^\d{1,12}$/.test(at)) throw refused(path, "it tells no time");
  const awayMs = Math.abs(now - Number(at) * 1_000);
  if (awayMs > windowMs) throw refused(path, `it was signed ${Math.round(awayMs / 1_000)} s from now`);
}

function headerOf(delivery: Delivery, header: string, path: string): string {
  const value = one(delivery, header);
  if (value === undefined) throw refused(path, `it has no header ${header}`);
  return value;
}

/** The value of a header that comes once and is not empty. */
export function one({ headers }: Delivery, header: string): string | undefined {
  const value = headers[header];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function refused(path: string, why: string): MillraceError {
  return new MillraceError("SIGNATURE_REFUSED", `The delivery to the webhook ${path} is refused: ${why}.`);
}
