import { z } from "zod";

/** What every list takes: an opaque `cursor` from the page before, and a `limit` (default 50, at most 200). */
export const pageQuery = {
  cursor: z.string().min(1).max(2_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
};

/** Narrows a list to one home. */
export const homeQuery = { home: z.string().min(1).max(64).optional() };

export const IdParams = z.strictObject({ id: z.string().min(1).max(64) });
