import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { SECURITY_HEADERS } from "./guard.ts";

/** File names that the build makes of their content: the same name is always the same file. */
const HASHED_NAME = /-[\w-]{8,}\.\w+$/;

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Millrace</title>
<h1>The dashboard is not built</h1>
<p>Run <code>npm run build</code> in the checkout, or <code>npm start</code>, which builds it first. The API works: <a href="/api/health">/api/health</a>.</p>
</html>
`;

/** A path without anything that could end an attribute of the page. */
const PREFIX = /^(?:\/[\w.~-]+)+$/;

/**
 * The path that a proxy on this machine put before ours, as Home Assistant's add-ons are told it. A page elsewhere cannot send it: a header of
 * its own making is asked for beforehand, and refused.
 */
function prefixOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" && PREFIX.test(header) ? header : undefined;
}

/** The page for a place below a prefix; it is shown in a frame of the page to which the prefix belongs. */
const BELOW_PREFIX_POLICY = SECURITY_HEADERS["content-security-policy"].replace(
  "frame-ancestors 'none'",
  "frame-ancestors 'self'",
);

/** Serves the built dashboard: files by name, and its page for every other address that is no file. */
export async function registerDashboard(app: FastifyInstance, directory: string): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, cacheControl: false });
  app.get<{ Params: { "*": string } }>("/*", async (request, reply) => {
    const path = request.params["*"];
    if (path === "api" || path.startsWith("api/")) return reply.callNotFound();
    if (!existsSync(join(directory, "index.html"))) return reply.type("text/html; charset=utf-8").send(NOT_BUILT);
    if (extname(path) === "") {
      reply.header("cache-control", "no-cache");
      const prefix = prefixOf(request.headers["x-ingress-path"]);
      if (prefix === undefined) return reply.sendFile("index.html");
      const page = await readFile(join(directory, "index.html"), "utf8");
      reply.header("content-security-policy", BELOW_PREFIX_POLICY).type("text/html; charset=utf-8");
      return reply.send(page.replaceAll(/(?<= (?:href|src)=")\/(?=assets\/)/g, `${prefix}/`));
    }
    const isHashed = HASHED_NAME.test(path);
    reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    return reply.sendFile(path);
  });
}
