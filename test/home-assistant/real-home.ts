import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openSocket } from "../../apps/home/home-assistant/socket.ts";
import { systemClock } from "../../src/core/clock.ts";
import { freePort } from "../free-port.ts";

const CONFIGURATION = `
homeassistant: {name: Test, latitude: 52.37, longitude: 4.9, elevation: 0, unit_system: metric, time_zone: Europe/Amsterdam}
http: {server_host: 127.0.0.1, server_port: PORT}
recorder: {commit_interval: 0, purge_keep_days: 60}
history:
logbook:
config:
sun:
automation: !include automations.yaml
logger: {default: warning}
input_boolean:
  hall_raw: {name: Hall raw}
  door_raw: {name: Door raw}
  fan: {name: Fan}
template:
  - binary_sensor:
      - {name: Door open, unique_id: door, device_class: door, state: "{{ is_state('input_boolean.door_raw', 'on') }}"}
light:
  - platform: template
    lights:
      hall:
        unique_id: hall
        friendly_name: Hall
        value_template: "{{ is_state('input_boolean.hall_raw', 'on') }}"
        turn_on: {service: input_boolean.turn_on, target: {entity_id: input_boolean.hall_raw}}
        turn_off: {service: input_boolean.turn_off, target: {entity_id: input_boolean.hall_raw}}
lock:
  - platform: template
    name: Front door
    unique_id: front
    value_template: "{{ is_state('input_boolean.fan', 'on') }}"
    lock: {service: input_boolean.turn_on, target: {entity_id: input_boolean.fan}}
    unlock: {service: input_boolean.turn_off, target: {entity_id: input_boolean.fan}}
`;
const PATIENCE_MS = 60_000;

/** A Home Assistant of its own folder, on loopback, driven over HTTP as its page does. */
export class RealHome {
  readonly folder: string;
  readonly url: string;
  /** Of the onboarded administrator. */
  token = "";
  refreshToken = "";
  readonly #program: string;
  #process: ChildProcess | undefined;
  #said = "";

  private constructor(program: string, folder: string, url: string) {
    this.#program = program;
    this.folder = folder;
    this.url = url;
  }

  static async start(program: string): Promise<RealHome> {
    const folder = mkdtempSync(join(tmpdir(), "millrace-home-assistant-"));
    const port = await freePort();
    writeFileSync(join(folder, "configuration.yaml"), CONFIGURATION.replace("PORT", String(port)));
    writeFileSync(join(folder, "automations.yaml"), "[]\n");
    const home = new RealHome(program, folder, `http://127.0.0.1:${port}`);
    await home.boot();
    await home.#onboard();
    return home;
  }

  get databasePath(): string {
    return join(this.folder, "home-assistant_v2.db");
  }

  async boot(): Promise<void> {
    const child = spawn(this.#program, ["-c", this.folder, "--skip-pip"], { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => (this.#said = (this.#said + chunk.toString("utf8")).slice(-8_000)));
    }
    await this.until("Home Assistant answers", async () => {
      if (child.exitCode !== null) throw new Error(`Home Assistant ended with ${child.exitCode}: ${this.#said}`);
      return (await fetch(`${this.url}/api/onboarding`).catch(() => undefined))?.ok === true;
    });
    if (this.token === "") return;
    await this.until(
      "Home Assistant runs",
      async () => (await this.get<{ state: string }>("/api/config")).state === "RUNNING",
    );
  }

  /** Ends the process: politely, or as a power cut does. */
  async shutDown(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  async remove(): Promise<void> {
    await this.shutDown("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#ask("GET", path)).json() as Promise<T>;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return (await this.#ask("POST", path, body)).json() as Promise<T>;
  }

  async delete(path: string): Promise<void> {
    await this.#ask("DELETE", path);
  }

  async call(service: string, entityId: string, data: object = {}): Promise<void> {
    const named = entityId === "" ? {} : { entity_id: entityId };
    await this.post(`/api/services/${service.replace(".", "/")}`, { ...named, ...data });
  }

  /** Sends a command over the WebSocket and gives its result. */
  async command<T>(type: string, fields: object = {}): Promise<T> {
    const connection = { url: this.url, token: this.token, fetch, clock: systemClock };
    const socket = await openSocket(connection, { signal: new AbortController().signal, WebSocket });
    try {
      return (await socket.command(type, fields)) as T;
    } finally {
      socket.close();
    }
  }

  /** Takes the access of the token away, as a person does on the profile page. */
  async revoke(): Promise<void> {
    await fetch(`${this.url}/auth/revoke`, { method: "POST", body: new URLSearchParams({ token: this.refreshToken }) });
  }

  async stateOf(entityId: string): Promise<string | undefined> {
    const response = await fetch(`${this.url}/api/states/${entityId}`, { headers: this.#headers() });
    return response.ok ? ((await response.json()) as { state: string }).state : undefined;
  }

  /** Waits until something is so; what takes too long says what the home said last. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error(`It never came: ${what}. Home Assistant said: ${this.#said}`);
      await pause(50);
    }
  }

  async #ask(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...this.#headers(), "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  #headers(): Record<string, string> {
    return this.token === "" ? {} : { authorization: `Bearer ${this.token}` };
  }

  async #onboard(): Promise<void> {
    const client_id = `${this.url}/`;
    const user = { client_id, name: "Test", username: "test", password: "only-for-this-test", language: "en" };
    const { auth_code: code } = await this.post<{ auth_code: string }>("/api/onboarding/users", user);
    const answer = await fetch(`${this.url}/auth/token`, {
      method: "POST",
      body: new URLSearchParams({ grant_type: "authorization_code", code, client_id }),
    });
    const tokens = (await answer.json()) as { access_token: string; refresh_token: string };
    this.token = tokens.access_token;
    this.refreshToken = tokens.refresh_token;
    await this.until(
      "Home Assistant runs",
      async () => (await this.get<{ state: string }>("/api/config")).state === "RUNNING",
    );
  }
}
