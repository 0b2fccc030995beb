import { MillraceError } from "../../core/errors.ts";

/** The error for an option which a wire format, or this codec, cannot carry. `option` is its path in the call: `tools[0]`. */
export function refuse(
  option: string,
  why: string,
  advice = "Leave it out, or ask a model of another provider.",
): MillraceError {
  return new MillraceError("INPUT_INVALID", `${option} cannot be sent: ${why}.`, {
    facts: {
      option,
      errors: [{ pointer: `/${option.replaceAll(/\.|\[|\]\.?/g, "/").replace(/\/$/, "")}`, detail: why }],
    },
    advice,
  });
}
