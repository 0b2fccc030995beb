import { existsSync } from "node:fs";
import { extname, join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/** File names that the build makes of their content: the same name is always the same file. */
const HASHED_NAME = /-[\w-]{8,}\.\w+$/;

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Millrace</title>
<h1>The dashboard is not built</h1>
<p>Run <code>npm run build</code> in the checkout, or <code>npm start</code>, which builds it first. The API works: <a href="/api/health">/api/health</a>.</p>
</html>
`;

/** Serves the built dashboard: files by name, and its page for every other address that is no file. */
export async function registerDashboard(app: FastifyInstance, directory: string): Promise<void> {
  await app.register(fastifyStatic, { root: directory, serve: false, cacheControl: false });
  app.get<{ Params: { "*": string } }>("/*", async (request, reply) => {
    const path = request.params["*"];
    if (path === "api" || path.startsWith("api/")) return reply.callNotFound();
    if (!existsSync(join(directory, "index.html"))) return reply.type("text/html; charset=utf-8").send(NOT_BUILT);
    if (extname(path) === "") return reply.header("cache-control", "no-cache").sendFile("index.html");
    const isHashed = HASHED_NAME.test(path);
    reply.header("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    return reply.sendFile(path);
  });
}
