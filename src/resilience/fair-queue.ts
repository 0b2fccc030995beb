import { createHeap, type Heap, type HeapItem } from "./heap.ts";

/** A place in the queue. */
export interface Place<T> extends HeapItem {
  readonly item: T;
  readonly tenant: string;
  /** What serving it takes, in any one unit; the tenants' shares are shares of this. */
  readonly cost: number;
  /** Lowest first within a tenant. */
  readonly rank: number;
  readonly order: number;
}

export interface Arrival {
  /** Who shares with whom. */
  readonly tenant: string;
  readonly cost: number;
  /** Whole number from -10 to 10; one step is worth `agingMs` of waiting. */
  readonly priority: number;
  /** Monotonic milliseconds. */
  readonly at: number;
}

export interface FairQueueOptions {
  /** How long something must have waited to stand equal with a newcomer whose priority is one higher, in milliseconds. */
  readonly agingMs: number;
  /** A tenant's share beside the others: a positive number. */
  readonly weightOf: (tenant: string) => number;
}

/**
 * A queue that is fair between tenants and, for each tenant, ordered by priority with aging.
 *
 * Between tenants: self-clocked fair queueing (Golestani, "A Self-Clocked Fair Queueing Scheme for Broadband Applications", INFOCOM 1994),
 * which is what deficit round robin comes to when its quantum shrinks to nothing. While two tenants both wait, what they were served, each
 * divided by its weight, differs by at most one item of each, likewise divided. A tenant that comes back is owed nothing for its absence.
 *
 * Within a tenant: earliest arrival first, where each step of priority counts as having come `agingMs` earlier. So nobody is overtaken
 * by what comes more than 20 times `agingMs` later, and nothing starves. Priority never takes from another tenant's share.
 */
export interface FairQueue<T> {
  readonly size: number;
  add(item: T, arrival: Arrival): Place<T>;
  /** Who is next, without taking it out. */
  head(): Place<T> | undefined;
  /** Takes out and counts as served. */
  serve(place: Place<T>): void;
  /** Takes out what is not wanted any longer. Harmless when it is out already. */
  remove(place: Place<T>): void;
  /** Tells for each one waiting how much of it, from 0 to 1, is likely to be served before such an arrival. O(size). */
  ahead(arrival: Arrival, visit: (item: T, part: number) => void): void;
}

interface Tenant<T> {
  readonly heap: Heap<Place<T>>;
  readonly weight: number;
  /** Up to which virtual time it has been served. */
  servedUntil: number;
  /** Sum of the costs of what waits. */
  cost: number;
}

export function createFairQueue<T>({ agingMs, weightOf }: FairQueueOptions): FairQueue<T> {
  /** Those who wait. A Map, since names of tenants come from users. */
  const tenants = new Map<string, Tenant<T>>();
  let virtualTime = 0;
  let size = 0;
  let order = 0;

  const rankOf = ({ at, priority }: Arrival): number => at - priority * agingMs;

  function tenantOf(name: string): Tenant<T> {
    const known = tenants.get(name);
    if (known !== undefined) return known;
    const weight = weightOf(name);
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new RangeError(`the weight of a tenant must be a positive number, got ${weight} for "${name}"`);
    }
    const heap = createHeap<Place<T>>((a, b) => a.rank < b.rank || (a.rank === b.rank && a.order < b.order));
    return { heap, weight, servedUntil: virtualTime, cost: 0 };
  }
  function finishOf(tenant: Tenant<T>): number {
    return tenant.servedUntil + (tenant.heap.first()?.cost ?? 0) / tenant.weight;
  }
  function takeOut(place: Place<T>): Tenant<T> | undefined {
    const tenant = tenants.get(place.tenant);
    if (tenant === undefined || place.place < 0) return undefined;
    tenant.heap.remove(place);
    tenant.cost -= place.cost;
    size -= 1;
    if (tenant.heap.size === 0) tenants.delete(place.tenant);
    return tenant;
  }

  return {
    get size() {
      return size;
    },
    add(item, arrival) {
      const tenant = tenantOf(arrival.tenant);
      const { cost } = arrival;
      const place = { item, tenant: arrival.tenant, cost, rank: rankOf(arrival), order: order++, place: -1 };
      tenants.set(arrival.tenant, tenant);
      tenant.heap.add(place);
      tenant.cost += cost;
      size += 1;
      return place;
    },
    head() {
      let first: Tenant<T> | undefined;
      let finish = Infinity;
      for (const tenant of tenants.values()) {
        const its = finishOf(tenant);
        if (its < finish) [first, finish] = [tenant, its];
      }
      return first?.heap.first();
    },
    serve(place) {
      const tenant = takeOut(place);
      if (tenant === undefined) return;
      tenant.servedUntil += place.cost / tenant.weight;
      virtualTime = Math.max(virtualTime, tenant.servedUntil);
    },
    remove: (place) => void takeOut(place),
    ahead(arrival, visit) {
      const rank = rankOf(arrival);
      const mine = tenantOf(arrival.tenant);
      let costs = arrival.cost;
      for (const place of mine.heap) {
        if (place.rank > rank) continue;
        costs += place.cost;
        visit(place.item, 1);
      }
      const finish = mine.servedUntil + costs / mine.weight;
      for (const tenant of tenants.values()) {
        if (tenant === mine) continue;
        const served = (finish - tenant.servedUntil) * tenant.weight;
        const part = Math.min(1, Math.max(0, served / tenant.cost));
        for (const place of tenant.heap) visit(place.item, part);
      }
    },
  };
}
