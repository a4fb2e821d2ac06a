/** Answers of soft_offline_page and hard_offline_page, as data (facts §2.5; observed-4.1 §10, observed-6 §3). */
export interface PageOfflineRules {
  /** Soft offline of a poisoned page. */
  readonly softPoisoned: "EBUSY" | "done";
  /** Soft offline isolates the pageblock meanwhile, where it can, and leaves it MOVABLE (facts §4.3). */
  readonly softMakesMovable: boolean;
  /** Soft offline moves pages with movable_ops too. */
  readonly softMovesMovableOps: boolean;
  /** Soft offline of a page that migration leaves where it is; ENOMEM is passed on. */
  readonly softStuck: "EIO" | "EBUSY";
  /** Soft offline where no page can move: migrate_pages() is a stub (include/linux/migrate.h, without CONFIG_MIGRATION). */
  readonly softCannotMove?: "ENOSYS";
  /** Soft offline of a page of the kernel's (observed-newer §1 6b). */
  readonly softKernelPage: "EIO" | "ENOTRECOVERABLE";
  /** Hard offline of an address without memory (observed-newer §1 6b). */
  readonly hardNoMemory: "ENXIO" | "EBUSY";
  /** Hard offline marks the reserved pages of an offline block all the same (observed-4.1 §10). */
  readonly hardMarksOffline: boolean;
  /** Hard offline of a poisoned page. */
  readonly hardPoisoned: "done" | "EHWPOISON";
}
