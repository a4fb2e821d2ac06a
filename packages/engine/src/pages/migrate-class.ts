import type { Generation, MigrateType } from "@memhp/abi";

/**
 * Migratetypes as the columns number them, the same for every kernel. What a kernel prints, and in
 * which order, differs (facts §1.3): `migrateTypeOf` and `migrateTypes41/6` of the abi translate.
 * `reserve` is MIGRATE_RESERVE in 4.1 and MIGRATE_HIGHATOMIC in 6.x.
 */
export const MigrateClass = { unmovable: 0, movable: 1, reclaimable: 2, reserve: 3, isolate: 4 } as const;
export type MigrateClass = (typeof MigrateClass)[keyof typeof MigrateClass];

export const MIGRATE_CLASSES = 5;

const names: Readonly<Record<Generation, readonly MigrateType[]>> = {
  "4.1": ["Unmovable", "Movable", "Reclaimable", "Reserve", "Isolate"],
  "6.x": ["Unmovable", "Movable", "Reclaimable", "HighAtomic", "Isolate"],
};

/** The kernel's word for a class. */
export function migrateTypeOf(generation: Generation, type: number): MigrateType {
  const name = names[generation][type];
  if (name === undefined) throw new Error(`memhp bug: no migratetype ${type}`);
  return name;
}
