/** Everything that is a view of bytes, by name. */
const VIEWS = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
} as const;

type View = InstanceType<(typeof VIEWS)[keyof typeof VIEWS]>;
type ViewConstructor = new (buffer: ArrayBuffer) => View;

const CONSTRUCTORS = new Map<string, ViewConstructor>(Object.entries(VIEWS));
// In Node from 24 on, but not yet in every type library.
const float16: unknown = Reflect.get(globalThis, "Float16Array");
if (typeof float16 === "function") CONSTRUCTORS.set("Float16Array", float16 as ViewConstructor);

/** Name and base64 text of bytes; undefined for what is none. A Buffer is a Uint8Array. */
export function toBytesTag(value: object): readonly [name: string, text: string] | undefined {
  if (value instanceof ArrayBuffer) return ["ArrayBuffer", Buffer.from(value).toString("base64")];
  if (!ArrayBuffer.isView(value)) return undefined;
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  return [value instanceof DataView ? "DataView" : (value as Uint8Array)[Symbol.toStringTag], text];
}

/** Undefined for a name that is not one of bytes. */
export function fromBytesTag(name: string, text: string): ArrayBuffer | View | undefined {
  if (name !== "ArrayBuffer" && !CONSTRUCTORS.has(name)) return undefined;
  const decoded = Buffer.from(text, "base64");
  const buffer = new ArrayBuffer(decoded.byteLength);
  new Uint8Array(buffer).set(decoded);
  const View = CONSTRUCTORS.get(name);
  return View === undefined ? buffer : new View(buffer);
}
