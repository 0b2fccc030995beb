import type { AuditVerdictView } from "millrace/http";
import { useSignal } from "@preact/signals";
import { api } from "../api/api.ts";
import { formatNumber } from "../format/count.ts";

type State =
  | { readonly kind: "idle" | "checking" }
  | { readonly kind: "checked"; readonly verdict: AuditVerdictView }
  | { readonly kind: "failed"; readonly reason: string };

/** Checks the whole log, and says what was found. */
export function VerifyButton() {
  const state = useSignal<State>({ kind: "idle" });

  async function check(): Promise<void> {
    state.value = { kind: "checking" };
    try {
      state.value = { kind: "checked", verdict: await api.post<AuditVerdictView>("/api/audit/verify", {}) };
    } catch (error) {
      state.value = { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
    }
  }

  return (
    <div class="panel-head">
      <button type="button" class="button" aria-disabled={state.value.kind === "checking"} onClick={() => void check()}>
        {state.value.kind === "checking" ? "Checking…" : "Check the whole log"}
      </button>
      <p class="fine" role="status">
        {wordsOf(state.value)}
      </p>
    </div>
  );
}

function wordsOf(state: State): string {
  switch (state.kind) {
    case "idle":
      return "Every entry is covered by the hash of the next one; heads are kept in a file beside the data.";
    case "checking":
      return "";
    case "failed":
      return state.reason;
    case "checked": {
      const { verdict } = state;
      if (verdict.kind !== "whole") return `It is ${verdict.kind} at ${verdict.seq}. ${verdict.detail}`;
      const where = verdict.first === 1 ? "" : ` from ${formatNumber(verdict.first)} on; those before are in archives`;
      return `It is whole${where}: ${formatNumber(verdict.head.seq)} entries, checked against ${formatNumber(verdict.anchors)} heads kept outside.`;
    }
  }
}
