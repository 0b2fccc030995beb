import { readdir, readFile, writeFile } from "node:fs/promises";
import { automation, defineConfig, on } from "millrace";
import { z } from "zod";

const Note = z.object({ summary: z.string(), topic: z.enum(["work", "home", "other"]) });

export const digest = automation(
  "digest",
  { description: "Sums up the notes of a folder every evening.", on: [on.cron("0 18 * * *"), on.manual()] },
  async ({ step, ai }) => {
    const files = await step.run("list", async () => (await readdir("notes")).toSorted());
    const ask = async (file: string) => {
      const prompt = await readFile(`notes/${file}`, "utf8");
      const rules = () => ({ summary: prompt.trim().slice(0, 80), topic: "other" as const });
      const { value, source } = await ai.object({ schema: Note, prompt, rules });
      return { file, ...value, source };
    };
    const notes = await step.map("ask", files, ask, { parallel: 5, key: (file) => file });
    const lines = notes.done.map((note) => `- ${note.file} (${note.topic}): ${note.summary}`);
    await step.run("write", () => writeFile("digest.md", lines.join("\n")));
    return { notes: notes.done.length, failed: notes.failed.length };
  },
);

export default defineConfig({ automations: [digest] });
