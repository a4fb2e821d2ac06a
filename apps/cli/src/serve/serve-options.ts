import type { OptionSpec } from "../arguments/command-spec.ts";

/** Shortest token that a server takes, in characters. */
export const MIN_TOKEN = 16;
export const MAX_PORT = 65_535;

/** Where a server stands and who may ask it. */
export const addressOptions: Readonly<Record<"host" | "token", OptionSpec>> = {
  host: { value: "ADDRESS", about: "Address to serve on instead of loopback; everybody who asks then needs the token" },
  token: {
    value: "TOKEN",
    about: `Token that is asked for (at least ${MIN_TOKEN} characters; with --host one is made and shown if none is given)`,
  },
};

/** For commands that have a machine up. */
export const serveOptions: Readonly<Record<"serve" | keyof typeof addressOptions, OptionSpec>> = {
  serve: {
    value: "PORT",
    implied: "4173",
    about: "Show the machine in the web console and its API meanwhile, on this computer",
  },
  ...addressOptions,
};
