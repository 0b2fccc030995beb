import { MillraceError } from "../../core/errors.ts";

const SPECIAL = /[*?[\]{}]/;

/** A glob's fixed folder, and the pattern of what is below it. */
export interface SplitGlob {
  readonly folder: string;
  readonly pattern: string;
}

/** Splits a glob into the folder to watch and a pattern relative to it. Throws INPUT_INVALID when it names no file. */
export function splitGlob(glob: string): SplitGlob {
  const parts = glob.split("/");
  const first = parts.findIndex((part) => SPECIAL.test(part));
  // Without a pattern it is one file: its folder is watched for its name.
  const cut = first === -1 ? parts.length - 1 : first;
  const pattern = parts.slice(cut).join("/");
  if (pattern === "" || pattern === ".." || pattern === "." || parts.slice(cut).includes("..")) {
    throw new MillraceError("INPUT_INVALID", `The glob "${glob}" of on.file names no files.`, {
      advice: "End it with a pattern of names, for example inbox/**/*.pdf.",
    });
  }
  const folder = parts.slice(0, cut).join("/");
  compileGlob(pattern);
  return { folder: folder === "" ? (glob.startsWith("/") ? "/" : ".") : folder, pattern };
}

/**
 * Makes a test of relative paths from a glob. Stars, question marks and sets match no name that begins with a dot. Throws INPUT_INVALID
 * for a brace or bracket that is left open.
 */
export function compileGlob(glob: string): (path: string) => boolean {
  const alternatives = expandBraces(glob).map((plain) => plain.split("/").map((part) => toSource(part, glob)));
  const sources = alternatives.map((parts) =>
    parts
      .map((source, index) => {
        const isLast = index === parts.length - 1;
        if (source === "**") return isLast ? String.raw`(?:(?!\.)[^/]+/)*(?!\.)[^/]+` : String.raw`(?:(?!\.)[^/]+/)*`;
        return isLast ? source : `${source}/`;
      })
      .join(""),
  );
  const expression = new RegExp(`^(?:${sources.join("|")})$`, "u");
  return (path) => expression.test(path);
}

/** Writes out `{a,b}`, also one within another. */
function expandBraces(glob: string): string[] {
  const open = glob.indexOf("{");
  if (open === -1) {
    if (glob.includes("}")) throw unclosed(glob);
    return [glob];
  }
  const commas: number[] = [open];
  let depth = 0;
  for (let at = open; at < glob.length; at++) {
    if (glob[at] === "{") depth += 1;
    if (glob[at] === "," && depth === 1) commas.push(at);
    if (glob[at] !== "}" || --depth > 0) continue;
    const ends = [...commas.slice(1), at];
    const options = commas.map((from, index) => glob.slice(from + 1, ends[index]));
    const tails = expandBraces(glob.slice(at + 1));
    return options.flatMap(expandBraces).flatMap((option) => tails.map((tail) => glob.slice(0, open) + option + tail));
  }
  throw unclosed(glob);
}

/** The source of an expression for one part of a path. */
function toSource(part: string, glob: string): string {
  if (part === "**") return part;
  let source = /^[*?[]/.test(part) ? String.raw`(?!\.)` : "";
  for (let at = 0; at < part.length; at++) {
    const char = part[at] ?? "";
    if (char === "*") {
      // Several stars within a part say no more than one.
      while (part[at + 1] === "*") at += 1;
      source += "[^/]*";
    } else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = part.indexOf("]", at + 2);
      if (end === -1) throw unclosed(glob);
      source += toSet(part.slice(at + 1, end));
      at = end;
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
  }
  // A name is never empty.
  return `(?=[^/])${source}`;
}

function toSet(inner: string): string {
  const isNot = inner.startsWith("!") || inner.startsWith("^");
  const chars = (isNot ? inner.slice(1) : inner).replaceAll(/[\\\]^[&|~]/gu, String.raw`\$&`);
  return isNot ? `[^/${chars}]` : `[${chars}]`;
}

function unclosed(glob: string): MillraceError {
  return new MillraceError("INPUT_INVALID", `The glob "${glob}" has a brace or bracket without its other half.`);
}
