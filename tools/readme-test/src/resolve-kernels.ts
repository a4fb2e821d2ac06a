import { registerHooks } from "node:module";

// @memhp/kernels is found for every package: those below it cannot depend on it.
registerHooks({
  resolve: (specifier, context, next) =>
    next(specifier, specifier === "@memhp/kernels" ? { ...context, parentURL: import.meta.url } : context),
});
