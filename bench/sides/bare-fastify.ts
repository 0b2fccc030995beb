// The least that a server on Fastify can be: the other side of B12.
import fastify from "fastify";

const server = fastify();
server.get("/api/health", () => ({ status: "ok" }));
await server.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
