/**
 * Migratetypes as the columns number them, the same for every kernel. What a kernel prints, and in
 * which order, differs (facts §1.3): `PageRules.migrateTypes` translates.
 * `reserve` is MIGRATE_RESERVE in 4.1 and MIGRATE_HIGHATOMIC in 6.x.
 */
export const MigrateClass = { unmovable: 0, movable: 1, reclaimable: 2, reserve: 3, isolate: 4 } as const;
export type MigrateClass = (typeof MigrateClass)[keyof typeof MigrateClass];

export const MIGRATE_CLASSES = 5;
