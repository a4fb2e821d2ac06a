/** The words that `state` understands. */
export type StateWord = "online" | "online_kernel" | "online_movable" | "offline";
export const stateWords: readonly StateWord[] = ["online", "online_kernel", "online_movable", "offline"];

export type InjectAction = "MEM_GOING_ONLINE" | "MEM_GOING_OFFLINE";
export const injectActions: readonly InjectAction[] = ["MEM_GOING_ONLINE", "MEM_GOING_OFFLINE"];
