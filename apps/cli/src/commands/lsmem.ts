import type { Command } from "../command.ts";
export const lsmem: Command = { spec: { name: "lsmem", about: "", options: {} }, run: async () => 0 };
