// Examples find the `ai` package where an application has it installed. Here that is this folder.
import { registerHooks } from "node:module";

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === "ai" ? { ...context, parentURL: import.meta.url } : context),
});
