/** A node of a JSON Schema: only the words that are used here, each read with care. */
export type Node = Readonly<Record<string, unknown>>;

/** Reads anything as a node; what is not an object says nothing. */
export function toNode(value: unknown): Node {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Node) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function amountOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** The type that a node gives, or that its words speak of; `string` where nothing says more. */
export function typeOf(node: Node): unknown {
  const { type } = node;
  if (Array.isArray(type)) return type.find((each) => each !== "null") ?? "null";
  if (type !== undefined) return type;
  const found = Object.entries(WORDS_OF_TYPE).find(([, words]) => words.some((word) => word in node));
  return found?.[0] ?? "string";
}

const WORDS_OF_TYPE = {
  object: ["properties", "required", "additionalProperties", "propertyNames"],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
} as const;

/** Follows a reference within the document: `#`, `#/$defs/name`. */
export function resolve(root: Node, reference: string): Node {
  return reference
    .replace(/^#\/?/, "")
    .split("/")
    .filter((part) => part !== "")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<Node>((node, part) => toNode(node[part]), root);
}

/** What of two bounds holds when both do. */
const TIGHTER: Readonly<Record<string, (a: number, b: number) => number>> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
};

/** Makes one node of two that both hold. */
export function both(left: Node, right: Node): Node {
  const result: Record<string, unknown> = { ...left, ...right };
  for (const [word, value] of Object.entries(left)) {
    if (word in right) result[word] = bothSay(word, value, right[word]);
  }
  return result;
}

function bothSay(word: string, left: unknown, right: unknown): unknown {
  const tighter = TIGHTER[word];
  if (tighter !== undefined) return tighter(Number(left), Number(right));
  switch (word) {
    case "required":
      return [...listOf(left), ...listOf(right)];
    case "enum":
      return listOf(left).filter((each) => listOf(right).includes(each));
    case "type":
      return Array.isArray(right) || right === "number" ? left : right;
    case "properties":
      return bothProperties(toNode(left), toNode(right));
    default:
      return right;
  }
}

function bothProperties(left: Node, right: Node): Node {
  const shared = Object.keys(left).filter((name) => Object.hasOwn(right, name));
  return {
    ...left,
    ...right,
    ...Object.fromEntries(shared.map((name) => [name, { allOf: [left[name], right[name]] }])),
  };
}
