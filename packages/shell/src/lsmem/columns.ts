/** Columns of lsmem(1), in its own order. */
export const lsmemColumns = ["RANGE", "SIZE", "STATE", "REMOVABLE", "BLOCK", "NODE", "ZONES"] as const;
/** A column of lsmem(1). */
export type LsmemColumn = (typeof lsmemColumns)[number];

export const defaultColumns: readonly LsmemColumn[] = ["RANGE", "SIZE", "STATE", "REMOVABLE", "BLOCK"];

/** A list of columns has a name that lsmem does not know. */
export class UnknownColumn extends Error {
  override readonly name = "UnknownColumn";
}

/** `RANGE,SIZE`, or `+NODE` for the default columns and one more. @throws UnknownColumn */
export function parseColumns(list: string): readonly LsmemColumn[] {
  return list.startsWith("+") ? [...defaultColumns, ...namesOf(list.slice(1))] : namesOf(list);
}

/** The columns that `--split` names; none for `none`. @throws UnknownColumn */
export function parseSplit(list: string): readonly LsmemColumn[] {
  return list.toLowerCase() === "none" ? [] : namesOf(list);
}

function namesOf(list: string): LsmemColumn[] {
  return list.split(",").map((name) => {
    const known = lsmemColumns.find((column) => column === name.toUpperCase());
    if (known === undefined) throw new UnknownColumn(`unknown column: ${name} (known: ${lsmemColumns.join(", ")})`);
    return known;
  });
}
