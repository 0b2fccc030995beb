import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createPolicies } from "./policies.ts";

describe("createPolicies", () => {
  it("takes what a caller says before the policy, the policy before the defaults, and 0 for a value", () => {
    const policies = createPolicies({
      defaults: { ttl: "1h", jitter: 0, staleIfError: "1d", leaseMs: 200 },
      policies: { short: { ttl: "1m" } },
    });
    const { ttlMs, jitter, staleIfErrorMs, leaseMs } = policies.resolve({ policy: "short", staleIfError: 0 });
    assert.deepEqual([ttlMs, jitter, staleIfErrorMs, leaseMs], [60_000, 0, 0, 200]);
    assert.equal(policies.resolve({ policy: "short", ttl: 0 }).ttlMs, 0);
    assert.equal(policies.resolve(undefined).ttlMs, 3_600_000);
  });

  it("knows the policies of the ledger, and lets a configuration replace them", () => {
    const policies = createPolicies({ policies: { configuration: { ttl: "1s" } } });
    assert.equal(policies.resolve({ policy: "configuration" }).ttlMs, 1_000);
    assert.equal(policies.isStrict({ policy: "permissions" }), true);
    assert.equal(policies.isStrict({ policy: "permissions", isStrict: false }), false);
    assert.equal(policies.resolve({ policy: "drive-files" }).maxItems, 1_000);
  });

  it("refuses a policy that nobody named, and says which one was meant", () => {
    assert.throws(() => createPolicies({}).resolve({ policy: "permisions" }), {
      code: "INPUT_INVALID",
      message: /permissions/,
    });
  });

  it("names the field, the value and the policy that are wrong, before anything is kept", () => {
    for (const [policy, message] of [
      [{ jitter: 2 }, /jitter must be from 0 to 1 in the cache policy "mine", got 2/],
      [{ maxItems: 0.5 }, /maxItems/],
      [{ leaseMs: 5 }, /leaseMs must be from 100/],
      [{ factoryTimeoutMs: Number.NaN }, /factoryTimeoutMs/],
      [{ ttl: "soon" }, /soon/],
    ] as const)
      assert.throws(() => createPolicies({ policies: { mine: policy } }), message);
  });

  it("refuses names that are none, and tags that are no list", () => {
    const policies = createPolicies({});
    for (const [options, message] of [
      [{ mutation: "foo" }, /mutation must be one of freeze, clone, share, got foo/],
      [{ flight: "x" }, /flight must be one of/],
      [{ levels: { disk: 5 } }, /a key of levels must be one of/],
      [{ tags: "abc" }, /tags must be a list of texts/],
      [{ tags: [5] }, /tags must be a list of texts/],
    ] as const)
      assert.throws(() => policies.resolve(options as never), { code: "INPUT_INVALID", message });
  });
});
