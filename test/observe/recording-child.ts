/* Records and notes actions for ever, and says what it did and when it began that: run with a data folder. */
import { loadConfig, openHost } from "millrace";

const [data = ""] = process.argv.slice(2);
const config = await loadConfig({ content: { data }, environment: {} });
const { audit, clock } = await openHost({ config });
for (let index = 0; ; index++) {
  const at = clock.now();
  await audit.record({ actor: "child", action: "recorded", subject: `${index}` });
  process.stdout.write(`recorded ${index} ${at}\n`);
  if (index % 5 === 0) {
    audit.note({ actor: "child", action: "noted", subject: `${index}` });
    process.stdout.write(`noted ${index} ${clock.now()}\n`);
  }
  await clock.sleep(2);
}
