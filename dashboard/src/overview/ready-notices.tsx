import type { Ready } from "millrace/http";
import { Icon } from "../components/icon.tsx";

/** Says what is not in order; one quiet line when everything is. */
export function ReadyNotices({ ready }: { readonly ready: Ready }) {
  const failing = ready.checks.filter(({ ok }) => !ok);
  return (
    <div class="notices">
      {failing.map((check) => (
        <div key={check.name} class="notice notice-rust" role="alert">
          <Icon name="warning" size={20} />
          <div class="notice-words">
            <p class="notice-title">Not ready: {check.name}</p>
            <p>{check.detail}</p>
          </div>
        </div>
      ))}
      {ready.role === "guest" && (
        <div class="notice notice-grain">
          <Icon name="info" size={20} />
          <div class="notice-words">
            <p class="notice-title">Another process executes the runs</p>
            <p>It owns this data folder. This one shows and admits runs, and takes over when the other one goes.</p>
          </div>
        </div>
      )}
      {ready.providers.length === 0 ? <NoProvider /> : <InOrder ready={ready} />}
    </div>
  );
}

function NoProvider() {
  return (
    <div class="notice notice-grain">
      <Icon name="info" size={20} />
      <div class="notice-words">
        <p class="notice-title">No model provider is configured: answers come from rules</p>
        <p>
          Everything works, and each such answer is marked. For words from a model set <code>ANTHROPIC_API_KEY</code> or{" "}
          <code>OPENAI_API_KEY</code>, or point <code>OLLAMA_BASE_URL</code> at a local server, and start again.
        </p>
      </div>
    </div>
  );
}

function InOrder({ ready }: { readonly ready: Ready }) {
  return (
    <p class="in-order">
      <Icon name={ready.ready ? "done" : "warning"} />
      {ready.ready ? "Ready" : "Not ready"}. Answers come from {ready.providers.join(", ")}. Times of schedules are in{" "}
      {ready.timezone}.
    </p>
  );
}
