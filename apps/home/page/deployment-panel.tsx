import { useSignal } from "@preact/signals";
import { api } from "../../../dashboard/src/api/api.ts";
import { ActionButton } from "../../../dashboard/src/components/action-button.tsx";
import { announce } from "../../../dashboard/src/components/announcer.tsx";
import { Ago } from "../../../dashboard/src/components/instant.tsx";
import { useResource } from "../../../dashboard/src/data/use-resource.ts";
import { runsEnded } from "../../../dashboard/src/live/live.ts";
import type { DeploymentView, PreviewView, StartedDeploymentView, SuggestionView } from "../api.ts";
import { endOf } from "./trial.ts";
import { YamlDifference } from "./yaml-difference.tsx";

interface DeploymentPanelProps {
  readonly suggestion: SuggestionView;
  readonly onChanged: (suggestion: SuggestionView) => void;
}

/** From an approval to an automation that stands in the home, and back. */
export function DeploymentPanel({ suggestion, onChanged }: DeploymentPanelProps) {
  const { id, status, title } = suggestion;
  const path = `/api/home/suggestions/${encodeURIComponent(id)}`;
  const preview = useSignal<PreviewView | null>(null);
  const { state, reload } = useResource<DeploymentView>(`${path}/versions`, runsEnded);

  async function start(kind: "deploy" | "rollback", body?: { readonly replaces: string }): Promise<void> {
    preview.value = null;
    const { runId, suggestion: claimed } = await api.post<StartedDeploymentView>(`${path}/${kind}`, body);
    onChanged(claimed);
    await endOf(runId);
    const now = await api.get<SuggestionView>(path);
    announce(`${now.title}: ${now.status.replaceAll("_", " ")}.`);
    onChanged(now);
    await reload();
  }
  async function approveWith(allowed: Pick<PreviewView, "needsOptIn" | "conflicts" | "current">): Promise<void> {
    const { needsOptIn, conflicts, current } = allowed;
    onChanged(
      await api.post<SuggestionView>(`${path}/approve`, {
        optIn: needsOptIn,
        accepts: conflicts.map(({ automation }) => automation),
        ...(current === null ? {} : { replaces: current.hash }),
        version: suggestion.version,
      }),
    );
    preview.value = await api.post<PreviewView>(`${path}/preview`);
    await reload();
  }
  async function look(): Promise<PreviewView> {
    return (preview.value = await api.post<PreviewView>(`${path}/preview`));
  }
  /** The home's own edit goes, as the person who saw it says. */
  async function overwrite(kind: "deploy" | "rollback"): Promise<void> {
    const { current } = preview.peek() ?? (await look());
    if (kind === "rollback") return await start("rollback", current === null ? undefined : { replaces: current.hash });
    const { optIn = [], accepts = [] } = state.status === "ready" ? state.data : {};
    const allowed = { optIn, accepts, ...(current === null ? {} : { replaces: current.hash }) };
    onChanged(await api.post<SuggestionView>(`${path}/approve`, { ...allowed, version: suggestion.version }));
    await start("deploy");
  }
  const isEdited = status === "changed_outside";

  return (
    <section class="deployment" aria-label={`In the home: ${title}`}>
      {state.status === "ready" && <Standing deployment={state.data} />}
      {isEdited && (
        <p class="deployment-problem" role="status">
          <strong>Somebody edited it in the home</strong> since it was deployed. It stays as it is there until you say
          otherwise.
        </p>
      )}
      {preview.value && isEdited && <Edit preview={preview.value} />}
      {preview.value && !isEdited && <Preview preview={preview.value} onAllow={approveWith} />}
      <div class="decision">
        {status !== "deployed" && status !== "deploying" && (
          <ActionButton icon="search" about={title} onAct={async () => void (await look())}>
            {isEdited ? "Show the edit" : "Preview"}
          </ActionButton>
        )}
        {status === "approved" && preview.value?.isDeployable !== false && (
          <ActionButton icon="play" isPrimary about={title} onAct={() => start("deploy")}>
            Deploy
          </ActionButton>
        )}
        {status === "deployed" && (
          <ActionButton icon="retry" about={title} onAct={() => start("rollback")}>
            Roll back
          </ActionButton>
        )}
        {isEdited && preview.value && (
          <>
            <ActionButton icon="play" about={title} onAct={() => overwrite("deploy")}>
              Write it as approved again
            </ActionButton>
            <ActionButton icon="retry" about={title} onAct={() => overwrite("rollback")}>
              Roll back, and drop the edit
            </ActionButton>
          </>
        )}
        {(status === "approved" || status === "rolled_back" || status === "removed") && (
          <ActionButton
            icon="trash"
            about={title}
            onAct={async () =>
              onChanged(await api.post<SuggestionView>(`${path}/retire`, { version: suggestion.version }))
            }
          >
            Retire
          </ActionButton>
        )}
      </div>
    </section>
  );
}

function Standing({ deployment }: { readonly deployment: DeploymentView }) {
  const { version, problem, firings, reverts, removalProposedAt, entityId, versions } = deployment;
  return (
    <>
      {problem && (
        <p class="deployment-problem" role="alert">
          <strong>The last try failed</strong> <Ago at={problem.at} />: {problem.message} <code>{problem.code}</code>
        </p>
      )}
      {version > 0 && (
        <p class="fine">
          Version {version} stands in the home as <code>{entityId ?? deployment.automationId}</code>.{" "}
          {firings === 0
            ? "It has not acted yet."
            : `It acted ${timesOf(firings)}; people undid it ${timesOf(reverts)}.`}
        </p>
      )}
      {removalProposedAt !== null && (
        <p class="deployment-problem">It is undone so often that it does not help: roll it back and retire it.</p>
      )}
      {versions.length > 0 && (
        <details>
          <summary>{versions.length === 1 ? "The version" : `All ${versions.length} versions`}</summary>
          {versions.map((each) => (
            <figure key={each.version}>
              <figcaption class="fine">
                Version {each.version}, approved by {each.approvedBy}, <Ago at={each.madeAt} />
                {each.rolledBackAt !== null && ", rolled back"}
              </figcaption>
              <pre class="yaml" tabIndex={0}>
                {each.yaml}
              </pre>
            </figure>
          ))}
        </details>
      )}
    </>
  );
}

function timesOf(count: number): string {
  return count === 0 ? "never" : count === 1 ? "once" : `${count} times`;
}

/** What somebody made of it in the home, beside what was approved. */
function Edit({ preview: { yaml, current } }: { readonly preview: PreviewView }) {
  if (current === null) return <p class="fine">It does not stand in the home any more.</p>;
  return (
    <section class="preview" aria-label="The edit">
      <p class="fine">From what was approved to what stands in the home:</p>
      <YamlDifference before={yaml} after={current.yaml} label="The edit, line by line" />
    </section>
  );
}

interface PreviewProps {
  readonly preview: PreviewView;
  readonly onAllow: (preview: PreviewView) => Promise<void>;
}

function Preview({ preview, onAllow }: PreviewProps) {
  const { yaml, haVersion, isDeployable, problems, needsOptIn, conflicts, missing, unread, current } = preview;
  const canAllow = needsOptIn.length > 0 || conflicts.length > 0;
  return (
    <section class="preview" aria-label="Preview">
      <p class={isDeployable ? "all-clear" : "deployment-problem"}>
        {isDeployable ? "Nothing speaks against it." : "It would not be let through as it is:"}
      </p>
      <ul>
        {problems.map(({ severity, message, path }) => (
          <li key={`${path} ${message}`}>
            {severity}: {message}
          </li>
        ))}
        {conflicts.map(({ automation, message }) => (
          <li key={`${automation} ${message}`}>{message}</li>
        ))}
        {missing.map((id) => (
          <li key={id}>
            The home has no <code>{id}</code> any more.
          </li>
        ))}
        {unread.length > 0 && <li>Not compared with {unread.join(", ")}: the home does not give them out.</li>}
      </ul>
      <pre class="yaml" tabIndex={0} aria-label={`Automation for Home Assistant ${haVersion}`}>
        {yaml}
      </pre>
      {current !== null && (
        <details>
          <summary>What stands in the home now</summary>
          <pre class="yaml" tabIndex={0}>
            {current.yaml}
          </pre>
        </details>
      )}
      {canAllow && (
        <ActionButton icon="warning" onAct={() => onAllow(preview)}>
          Allow {[...needsOptIn, ...conflicts.map(({ alias }) => `“${alias}” beside it`)].join(", ")}
        </ActionButton>
      )}
    </section>
  );
}
