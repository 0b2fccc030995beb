import { measurePaired, ratio, type Side } from "../harness/paired.ts";
import type { Row, Scenario } from "../harness/scenario.ts";
import {
  type Program,
  putLoad,
  startBareProxy,
  startLiteLlm,
  startMillrace,
  startNginx,
  startPortkey,
  startUpstream,
} from "../sides/gateways.ts";
import type { Load, LoadReport } from "../sides/load.ts";

const SECONDS = 1.5;
const ROUNDS = 4;
/** Node compiles what runs often: a gateway that runs for days is warm, one that just began costs far more. */
const WARM_REQUESTS = 20_000;
const LONGEST_WARMING_SECONDS = 12;
/** Sockets and the time between the requests of each: few enough that nobody waits for another, many enough that a hundredth is more than one. */
const PATIENT_SOCKETS = 16;
const PATIENT_MS = 100;
const PATIENT_SECONDS = 2;
const SLOW_MS = 60;
const STREAMS = 256;
const TARGET_RATIO = 8;
const TARGET_SHARE = 0.1;
const MESSAGES = [{ role: "user", content: "Say some words about the light in the kitchen." }];
const JSON_HEADERS = { "content-type": "application/json", authorization: "Bearer x" };

type Ask = Pick<Load, "port" | "path" | "headers" | "body">;

/** B3, second half: what a gateway costs. */
export const gateway: Scenario = {
  id: "B3-gateway",
  title: "the gateway",
  description: `Chat completions of about 650 bytes through a gateway, all on one machine: the load and the provider (the simulator in instant mode) are processes of their own, as is each gateway. Requests/s with 16 and 64 sockets that each ask again once answered; CPU of the gateway's process for each of them; what the gateway adds to a provider that takes ${SLOW_MS} ms, with ${(PATIENT_SOCKETS * 1_000) / PATIENT_MS} requests/s evenly spread over ${PATIENT_SOCKETS} sockets, counted from when each was due; resident memory after all of it; how many of ${STREAMS} streams at once arrive whole through Millrace (Portkey's build on npm answers every stream with 500). Each gateway is first warmed by ${WARM_REQUESTS} requests, for ${LONGEST_WARMING_SECONDS} s at most. Beside them stand the least that a gateway on Node can be (node:http before, undici behind, bytes passed through), nginx as a proxy in one process, and LiteLLM's proxy of PyPI in one process, both where they are installed. Portkey is @portkey-ai/gateway of npm as its README starts it; its cache is off in that build, so Millrace is asked with \`x-millrace-cache: no-store\`, and once more with answers that are kept. Requests/s depend on what else runs on the machine; CPU for each request does not. While added time is measured, all programs of the measurement go before others (\`chrt\`) where the machine lets them: else the tail is that of whatever else runs.`,
  target: `at least ${TARGET_RATIO} times Portkey's requests/s, at most a tenth of its added p99`,
  async run({ directory, say }) {
    await using instant = await startUpstream(0);
    await using slow = await startUpstream(SLOW_MS);
    await using millrace = await startMillrace(
      directory,
      { instant: instant.port, slow: slow.port },
      { parallel: 1_000 },
    );
    await using portkey = await startPortkey();
    await using bare = await startBareProxy(instant);
    await using patientBare = await startBareProxy(slow);
    await using nginx = await startNginx(directory, instant);
    if (nginx === undefined) say("nginx is not installed here");
    await using litellm = await startLiteLlm(directory, { instant: instant.port });
    if (litellm === undefined) say("litellm is not installed here");
    const viaMillrace = (model: string, cache: string, isStreamed = false): Ask => ({
      port: millrace.port,
      path: "/v1/chat/completions",
      headers: { ...JSON_HEADERS, "x-millrace-cache": cache },
      body: JSON.stringify({ model, messages: MESSAGES, ...(isStreamed ? { stream: true } : {}) }),
    });
    const viaPortkey = (upstream: Program): Ask => ({
      port: portkey.port,
      path: "/v1/chat/completions",
      headers: {
        ...JSON_HEADERS,
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": `http://127.0.0.1:${upstream.port}/v1`,
      },
      body: JSON.stringify({ model: "m", messages: MESSAGES }),
    });
    const direct = ({ port }: Program): Ask => ({
      port,
      path: "/v1/chat/completions",
      headers: JSON_HEADERS,
      body: JSON.stringify({ model: "m", messages: MESSAGES }),
    });
    const viaLiteLlm = ({ port }: Program): Ask => ({
      ...direct(instant),
      port,
      body: JSON.stringify({ model: "instant", messages: MESSAGES }),
    });
    const cpu = new Map<string, number[]>();
    const rate = (name: string, ask: Ask, connections: number, program: Program): Side => ({
      name,
      unit: "requests/s",
      async measure() {
        const before = program.cpuMs();
        const report = await putLoad({ ...ask, connections, seconds: SECONDS });
        const spent = cpu.get(name) ?? [];
        cpu.set(name, [...spent, ((program.cpuMs() - before) * 1_000) / report.requests]);
        return report.requests / report.seconds;
      },
    });
    const kept = viaMillrace("instant/m", "default");
    say("warming");
    await warm(viaMillrace("instant/m", "no-store"));
    await warm(viaPortkey(instant));
    await warm(direct(bare));
    say("requests/s");
    const rates = await measurePaired(
      [
        rate("16 at once: no gateway", direct(instant), 16, instant),
        rate("16 at once: millrace", viaMillrace("instant/m", "no-store"), 16, millrace),
        rate("16 at once: millrace, kept answers", kept, 16, millrace),
        rate("16 at once: portkey", viaPortkey(instant), 16, portkey),
        rate("16 at once: bare proxy", direct(bare), 16, bare),
        ...(nginx === undefined ? [] : [rate("16 at once: nginx", direct(nginx), 16, nginx)]),
        ...(litellm === undefined ? [] : [rate("16 at once: litellm", viaLiteLlm(litellm), 16, litellm)]),
        rate("64 at once: millrace", viaMillrace("instant/m", "no-store"), 64, millrace),
        rate("64 at once: portkey", viaPortkey(instant), 64, portkey),
      ],
      { rounds: ROUNDS },
    );
    say("added time");
    await putLoad({ ...direct(patientBare), connections: PATIENT_SOCKETS, seconds: SECONDS });
    const programs = [slow, millrace, portkey, patientBare];
    const areFirst = (await Promise.all(programs.map((program) => program.goFirst(true)))).every(Boolean);
    if (!areFirst) say("added time is measured among whatever else runs: chrt is not allowed here");
    const added = await measureAdded(
      {
        direct: direct(slow),
        millrace: viaMillrace("slow/m", "no-store"),
        portkey: viaPortkey(slow),
        "bare proxy": direct(patientBare),
      },
      areFirst,
    );
    await Promise.all(programs.map((program) => program.goFirst(false)));
    const cpuRows = [...cpu].map(([name, values]): Row => {
      const sorted = values.toSorted((a, b) => a - b);
      const value = sorted[sorted.length >> 1] ?? Number.NaN;
      return { side: `CPU, ${name}`, value, unit: "µs", spread: [sorted[0] ?? value, sorted.at(-1) ?? value] };
    });
    say("memory and streams");
    const memory = [
      row("memory after the load: millrace", millrace.residentBytes() / 1_048_576, "MiB"),
      row("memory after the load: portkey", portkey.residentBytes() / 1_048_576, "MiB"),
    ];
    const held = await countStreams(viaMillrace("slow/m", "no-store", true));
    const streams = [row("streams held: millrace", held, "streams")];
    const rows = [...rates, ...cpuRows, ...added, ...memory, ...streams];
    const ratios = {
      "requests/s at 16, millrace to portkey": ratio(rows, "16 at once: millrace", "16 at once: portkey"),
      "requests/s at 64, millrace to portkey": ratio(rows, "64 at once: millrace", "64 at once: portkey"),
      "CPU for each at 16, portkey to millrace": ratio(rows, "CPU, 16 at once: portkey", "CPU, 16 at once: millrace"),
      "CPU for each at 16, millrace to a bare proxy": ratio(
        rows,
        "CPU, 16 at once: millrace",
        "CPU, 16 at once: bare proxy",
      ),
      "added p99, millrace to portkey": ratio(rows, "added p99: millrace", "added p99: portkey"),
      "added p99, a bare proxy to portkey": ratio(rows, "added p99: bare proxy", "added p99: portkey"),
      "added p50, millrace to portkey": ratio(rows, "added p50: millrace", "added p50: portkey"),
    };
    const met =
      ratios["requests/s at 16, millrace to portkey"] >= TARGET_RATIO &&
      ratios["requests/s at 64, millrace to portkey"] >= TARGET_RATIO &&
      ratios["added p99, millrace to portkey"] <= TARGET_SHARE;
    return { rows, ratios, met };
  },
};

function row(side: string, value: number, unit: string): Row {
  return { side, value, unit, spread: [value, value] };
}

async function warm(ask: Ask): Promise<void> {
  for (let requests = 0, seconds = 0; requests < WARM_REQUESTS && seconds < LONGEST_WARMING_SECONDS;) {
    const report = await putLoad({ ...ask, connections: 16, seconds: SECONDS });
    requests += report.requests;
    seconds += report.seconds;
  }
}

const GATEWAYS = ["millrace", "portkey", "bare proxy"] as const;
type Patient = "direct" | (typeof GATEWAYS)[number];

/** The time that a gateway adds to what the provider alone takes, over all rounds; the spread is that of single rounds. */
async function measureAdded(asks: Readonly<Record<Patient, Ask>>, goesFirst: boolean): Promise<Row[]> {
  const load = { connections: PATIENT_SOCKETS, everyMs: PATIENT_MS, seconds: PATIENT_SECONDS };
  const reports: Record<Patient, LoadReport[]> = { direct: [], millrace: [], portkey: [], "bare proxy": [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ["direct", ...GATEWAYS] as const) {
      reports[name].push(await putLoad({ ...asks[name], ...load }, goesFirst));
    }
  }
  const timeOf = (name: Patient, share: number): number => {
    const times = reports[name].flatMap((report) => report.times).toSorted((a, b) => a - b);
    return times[Math.floor(times.length * share)] ?? Number.NaN;
  };
  return GATEWAYS.flatMap((name) =>
    (
      [
        ["p50", 0.5],
        ["p99", 0.99],
      ] as const
    ).map(([at, share]): Row => {
      const rounds = reports[name].map((report, round) => report[at] - (reports.direct[round]?.[at] ?? Number.NaN));
      const spread = [Math.min(...rounds), Math.max(...rounds)] as const;
      return { side: `added ${at}: ${name}`, value: timeOf(name, share) - timeOf("direct", share), unit: "ms", spread };
    }),
  );
}

/** How many streams that begin at once arrive whole. */
async function countStreams(ask: Ask): Promise<number> {
  // One each: no time for a second.
  const report = await putLoad({ ...ask, connections: STREAMS, seconds: 0.02 }).catch(() => undefined);
  return report?.requests ?? 0;
}
