import type { Refusal } from "@memhp/abi";

/** insmod of a driver that is there. */
export function loadedAlready(): Refusal {
  return {
    errno: "EEXIST",
    code: "already_in_state",
    rule: "insmod: a module is loaded once",
    retry: "no",
    remedy: ["go on: the driver is there"],
  };
}
