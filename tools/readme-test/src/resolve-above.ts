import { registerHooks } from "node:module";

/** Found for every package: those below them cannot depend on them. */
const above = new Set(["@memhp/kernels", "@memhp/platforms"]);

registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, above.has(specifier) ? { ...context, parentURL: import.meta.url } : context),
});
