import { check, type InputMistake, type Schema } from "../core/schema.ts";
import { Misuse } from "./failure.ts";
import { toFlag } from "./input-flags.ts";

export interface FlagsOfInput {
  readonly schema: Schema;
  /** With the fields of the flags. */
  readonly input: unknown;
  /** What the flags gave; true for one without a value. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that take the path of a file. */
  readonly paths: readonly string[];
}

/** No field takes all of these: one that is refused with the same words whatever its value is not known, or is no field for a flag. */
const PROBES = [null, {}];

/** Throws Misuse for flags that the input does not know, and for those that lack their value. What is wrong with a value is for the run to say. */
export async function requireKnownFlags({ schema, input, fields, paths }: FlagsOfInput): Promise<void> {
  if (typeof input !== "object" || input === null) return;
  const result = await check(schema, input);
  if (result.ok) return;
  const mistakes: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (value === true && result.mistakes.some(({ pointer }) => pointer === `/${name}`)) {
      const what = paths.includes(name) ? "the path of a file" : "a value";
      mistakes.push(`${toFlag(name)} takes ${what}: ${toFlag(name)} ${paths.includes(name) ? "FILE" : "VALUE"}`);
    } else {
      const refusal = await refusalOf(name, { schema, input, given: result.mistakes });
      if (refusal !== undefined) mistakes.push(`${toFlag(name)} ${refusal}`);
    }
  }
  if (mistakes.length > 0) throw new Misuse(`${mistakes.join("; ")}.`, "`millrace automations` lists what can be run.");
}

interface RefusalParams {
  readonly schema: Schema;
  readonly input: object;
  readonly given: readonly InputMistake[];
}

/** What is said of a field whatever its value, and not said without it. */
async function refusalOf(name: string, { schema, input, given }: RefusalParams): Promise<string | undefined> {
  const { [name]: _left, ...without } = input as Readonly<Record<string, unknown>>;
  const always = await mistakesOf(schema, without);
  let constant = given.map(textOf).filter((text) => !always.includes(text));
  for (const probe of PROBES) {
    const said = await mistakesOf(schema, { ...without, [name]: probe });
    constant = constant.filter((text) => said.includes(text));
  }
  return constant[0]?.replace(`/${name}: `, "");
}

async function mistakesOf(schema: Schema, input: unknown): Promise<readonly string[]> {
  const result = await check(schema, input);
  return result.ok ? [] : result.mistakes.map(textOf);
}

function textOf({ pointer, detail }: InputMistake): string {
  return `${pointer}: ${detail}`;
}
