import type { Command } from "../command.ts";
export const compare: Command = { spec: { name: "compare", about: "", options: {} }, run: async () => 0 };
