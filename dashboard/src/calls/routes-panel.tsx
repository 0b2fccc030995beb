import type { CallRouteView } from "millrace/http";
import { Meter } from "../charts/meter.tsx";
import { Icon } from "../components/icon.tsx";
import { Ago } from "../components/instant.tsx";
import { formatCount, formatNumber } from "../format/count.ts";

/** What keeps the calls to each model in bounds, and whether it is left alone. */
export function RoutesPanel({ routes }: { readonly routes: readonly CallRouteView[] }) {
  return (
    <section class="panel" aria-labelledby="routes-title">
      <h2 id="routes-title">Models now</h2>
      {routes.length === 0 ? (
        <p class="quiet">This process has asked no model yet.</p>
      ) : (
        <ul class="levels">
          {routes.map((route) => (
            <RouteCard key={route.model} route={route} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RouteCard({ route: { model, breaker, parallel, rate, limits } }: { readonly route: CallRouteView }) {
  return (
    <li class={`level ${breaker.status === "closed" ? "tone-1" : "tone-6"}`}>
      <div class="level-head">
        <h3>
          <code>{model}</code>
        </h3>
        <BreakerBadge breaker={breaker} />
      </div>
      <BreakerWords breaker={breaker} />
      <Meter label="Running at once" value={parallel.running} most={parallel.limit} format={formatNumber} />
      {limits.map(({ name, limit, available }) => (
        <Meter
          key={name}
          label={`${name.replaceAll("-", " ")} left`}
          value={available}
          most={limit}
          format={formatNumber}
        />
      ))}
      {limits.length === 0 && <p class="fine">No limit of its rate is configured or told by the provider.</p>}
      {parallel.waiting + rate.waiting > 0 && (
        <p class="fine">{formatCount(parallel.waiting + rate.waiting, "call")} wait for a turn.</p>
      )}
      {rate.blockedUntil !== null && (
        <p class="fine is-bad">
          The provider asks to be left alone; it goes on <Ago at={rate.blockedUntil} />.
        </p>
      )}
    </li>
  );
}

const BREAKER_LOOKS = {
  closed: { label: "In use", icon: "done", tone: "moss" },
  open: { label: "Breaker open", icon: "warning", tone: "rust" },
  "half-open": { label: "Being tried", icon: "retry", tone: "grain" },
} as const;

function BreakerBadge({ breaker }: Pick<CallRouteView, "breaker">) {
  const { label, icon, tone } = BREAKER_LOOKS[breaker.status];
  return (
    <span class={`badge badge-${tone}`}>
      <Icon name={icon} size={14} />
      {label}
    </span>
  );
}

function BreakerWords({ breaker }: Pick<CallRouteView, "breaker">) {
  switch (breaker.status) {
    case "closed":
      return (
        <p class="fine">
          {breaker.failures === 0
            ? "The last request was answered."
            : `${formatCount(breaker.failures, "request")} in a row failed.`}
        </p>
      );
    case "open":
      return (
        <p class="fine">
          It failed too often <Ago at={breaker.since} />; a probe goes <Ago at={breaker.probeAt} />.
        </p>
      );
    case "half-open":
      return <p class="fine">A probe is out: if it is answered, calls go again.</p>;
  }
}
