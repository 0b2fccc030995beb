import { useSignal } from "@preact/signals";
import { api } from "../../../dashboard/src/api/api.ts";
import { ActionButton } from "../../../dashboard/src/components/action-button.tsx";
import { announce } from "../../../dashboard/src/components/announcer.tsx";
import { LoadedView } from "../../../dashboard/src/components/loaded-view.tsx";
import { PageHeader } from "../../../dashboard/src/components/page-header.tsx";
import { Skeleton } from "../../../dashboard/src/components/skeleton.tsx";
import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import type { ConnectionView, FoundHomeView, TestedHomeView } from "../api.ts";

/** Finds a Home Assistant, tells what token it needs, and tries both before anything is configured. */
export function SetupPage() {
  const { state, reload } = useResource<{ readonly items: readonly ConnectionView[] }>("/api/home/connections");
  const found = useSignal<readonly FoundHomeView[] | null>(null);
  const url = useSignal("");
  const token = useSignal("");
  const tested = useSignal<TestedHomeView | null>(null);

  async function find(): Promise<void> {
    const { items } = await api.post<{ readonly items: readonly FoundHomeView[] }>("/api/home/setup/find");
    found.value = items;
    const first = items.find(({ isThere }) => isThere);
    if (first !== undefined) url.value = first.url;
    announce(first === undefined ? "No Home Assistant was found." : `Found ${first.url}.`);
  }
  async function test(): Promise<void> {
    tested.value = null;
    tested.value = await api.post<TestedHomeView>("/api/home/setup/test", { url: url.value, token: token.value });
    announce(tested.value.detail);
  }

  return (
    <>
      <PageHeader
        title="Set up"
        lead="Connect the Home Assistant whose history is read and to which approved automations go."
      />
      <section class="panel setup" aria-labelledby="connected-title">
        <h2 id="connected-title">Connected</h2>
        <LoadedView state={state} onRetry={reload} skeleton={<Skeleton rows={1} height={44} />}>
          {({ items }) =>
            items.length === 0 ? (
              <p>
                No Home Assistant is configured. Millrace shows a made-up home, or reads the event file it was given.
              </p>
            ) : (
              <ul>
                {items.map(({ home, url: address, state: how, problem, version }) => (
                  <li key={home}>
                    <strong>{home}</strong> at <code>{address}</code>: {how}
                    {version !== null && `, version ${version}`}
                    {problem !== null && `. ${problem}`}
                  </li>
                ))}
              </ul>
            )
          }
        </LoadedView>
      </section>
      <section class="panel setup" aria-labelledby="find-title">
        <h2 id="find-title">1. Find it</h2>
        <p>Millrace tries five usual addresses of your own network, once, when you say so. Nothing is sent along.</p>
        <ActionButton icon="search" onAct={find}>
          Look for Home Assistant
        </ActionButton>
        {found.value && (
          <ul>
            {found.value.map(({ url: address, isThere, detail }) => (
              <li key={address}>
                <code>{address}</code>: {isThere ? <strong>{detail}</strong> : detail}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section class="panel setup" aria-labelledby="token-title">
        <h2 id="token-title">2. Make a token</h2>
        <p>
          In Home Assistant, click your name at the bottom of the side bar, open <em>Security</em>, and create a{" "}
          <em>long-lived access token</em>. The user must be an administrator: only administrators may read and write
          automations. You can take the token away there at any time.
        </p>
        <form class="setup-form" onSubmit={(event) => event.preventDefault()}>
          <label>
            Address
            <input
              type="url"
              required
              placeholder="http://homeassistant.local:8123"
              value={url.value}
              onInput={(event) => (url.value = event.currentTarget.value)}
            />
          </label>
          <label>
            Token
            <input
              type="password"
              required
              autoComplete="off"
              value={token.value}
              onInput={(event) => (token.value = event.currentTarget.value)}
            />
          </label>
          <ActionButton icon="play" isPrimary onAct={test}>
            Test it
          </ActionButton>
        </form>
        {tested.value && (
          <p class={tested.value.isFine ? "all-clear" : "deployment-problem"} role="status">
            {tested.value.isFine && <strong>It works: </strong>}
            {tested.value.detail} {tested.value.advice}
          </p>
        )}
      </section>
      <section class="panel setup" aria-labelledby="keep-title">
        <h2 id="keep-title">3. Give it to Millrace</h2>
        <p>This page keeps nothing. Set these two and start Millrace again:</p>
        <pre class="yaml" tabIndex={0}>
          {`MILLRACE_HOME_ASSISTANT_URL=${url.value === "" ? "http://homeassistant.local:8123" : url.value}\nMILLRACE_HOME_ASSISTANT_TOKEN=(the token)`}
        </pre>
      </section>
    </>
  );
}
