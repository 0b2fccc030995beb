type Node = Readonly<Record<string, unknown>>;

const NUMBER_LIMITS = {
  minimum: "minimum",
  maximum: "maximum",
  "exclusive minimum": "exclusiveMinimum",
  "exclusive maximum": "exclusiveMaximum",
  "multiple of": "multipleOf",
  "min length": "minLength",
  "max length": "maxLength",
  "min items": "minItems",
  "max items": "maxItems",
} as const;

const LIMIT =
  /(?:^|; )(exclusive minimum|exclusive maximum|multiple of|min(?:imum| length| items)|max(?:imum| length| items)): (-?[\d.e+-]*\d)/g;
const PATTERN = /(?:^|; )pattern: (.*?)(?:; (?:min|max|unique|format)[ a-z]*: .*)?\.$/;

/**
 * Completes a schema by the limits that its description tells in words: clients put them there where the provider's API takes no
 * such fields, and a model reads them. What the schema says itself wins.
 */
export function withLimitsInWords(node: Node): Node {
  const { description } = node;
  const words = typeof description === "string" ? (description.split("\n").at(-1) ?? "") : "";
  if (words === "") return node;
  const limits: Record<string, unknown> = {};
  for (const [, name, value] of words.matchAll(LIMIT)) {
    if (isLimit(name)) limits[NUMBER_LIMITS[name]] = Number(value);
  }
  const pattern = PATTERN.exec(words)?.[1];
  return { ...limits, ...(pattern === undefined ? {} : { pattern }), ...node };
}

function isLimit(name: string | undefined): name is keyof typeof NUMBER_LIMITS {
  return name !== undefined && Object.hasOwn(NUMBER_LIMITS, name);
}
