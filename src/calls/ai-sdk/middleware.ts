import type { LanguageModelV4, LanguageModelV4Middleware } from "@ai-sdk/provider";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import type { ModelPrice } from "../../model/config.ts";
import type { Models, OpenedModel } from "../models.ts";
import { openGiven, priceOfRef, refOf } from "./given-model.ts";
import type { Guard, GuardedCall } from "./guard.ts";

export interface GivenModelsOptions {
  /** Who stand in, in turn, by name. */
  readonly fallback: readonly LanguageModelV4[];
  readonly prices: Readonly<Record<string, ModelPrice>>;
  readonly clock: Clock;
}

/** Models that somebody else made: those that stand in are known by name, the one that is asked comes with its call. */
export interface GivenModels extends Pick<Models, "find" | "priceOf"> {
  readonly standIns: readonly string[];
  callOf(language: LanguageModelV4, params: GuardedCall["params"]): GuardedCall;
}

/** Throws INPUT_INVALID for a stand-in of another version of the specification. */
export function createGivenModels({ fallback, prices, clock }: GivenModelsOptions): GivenModels {
  const standIns = new Map(fallback.map((language, index) => [requireV4(language, index), language]));
  const opened = new WeakMap<LanguageModelV4, OpenedModel>();

  /** Each once: a model remembers what its provider said of its limits. */
  function open(language: LanguageModelV4): OpenedModel {
    const known = opened.get(language) ?? openGiven(language, { clock, prices });
    opened.set(language, known);
    return known;
  }

  function require(name: string): LanguageModelV4 {
    const language = standIns.get(name);
    if (language === undefined) throw new MillraceError("MODEL_UNKNOWN", `There is no model ${name} in fallback.`);
    return language;
  }

  return {
    standIns: [...standIns.keys()],
    find: async (name = "") => refOf(require(name)),
    priceOf: (ref) => priceOfRef(ref, prices),
    callOf(language, params) {
      const ref = refOf(language);
      return {
        params,
        alias: ref.name,
        find: async () => ref,
        known: () => ref,
        open: async ({ name }) => open(name === ref.name ? language : require(name)),
      };
    },
  };
}

/** Makes the middleware of models and the guard of their calls. */
export function createMiddleware(models: GivenModels, guard: () => Promise<Guard>): LanguageModelV4Middleware {
  return {
    specificationVersion: "v4",
    wrapGenerate: async ({ model, params }) => await (await guard()).generate(models.callOf(model, params)),
    wrapStream: async ({ model, params }) => await (await guard()).stream(models.callOf(model, params)),
  };
}

function requireV4(language: LanguageModelV4, index: number): string {
  const version: string = language.specificationVersion;
  if (version === "v4") return refOf(language).name;
  throw new MillraceError("INPUT_INVALID", `fallback.${index} speaks specification ${version}, and v4 is needed.`, {
    advice: "Use a version of its package for AI SDK 7.",
  });
}
