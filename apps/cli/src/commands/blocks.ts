import type { Command } from "../command.ts";
export const blocks: Command = { spec: { name: "blocks", about: "", options: {} }, run: async () => 0 };
