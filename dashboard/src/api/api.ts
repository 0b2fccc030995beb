import { createApiClient } from "./client.ts";

/** The API that served this page. */
export const api = createApiClient((input, init) => globalThis.fetch(input, init));
