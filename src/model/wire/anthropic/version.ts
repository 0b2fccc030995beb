/** The version of the API that also takes sampling parameters; it has no end date. */
export const ANTHROPIC_VERSION = "2023-06-01";
