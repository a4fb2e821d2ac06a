import type { Command } from "../command.ts";
export const zones: Command = { spec: { name: "zones", about: "", options: {} }, run: async () => 0 };
