/** What one kernel's offlines differ in, as far as a captured host's files let it be told, as data. */
export interface CaptureRules {
  /** The first release whose hosts are judged by this kernel: major and minor number. */
  readonly since: readonly [major: number, minor: number];
  /** A distribution's kernel that has much of later ones: only hosts of that very release are judged by it. */
  readonly onlyThis?: true;
  /**
   * What isolation does with a compound page that lies across the end of the block: it must move, and a gigantic one cannot; or
   * hugetlb pages are left to migration (recorded hosts: 6.1 answers EBUSY, 6.12 tries for ever).
   */
  readonly acrossEnd: "must-move" | "hugetlb-passes";
  /**
   * The first release that moves a page off ZONE_MOVABLE before a pin that lasts (the kernel's memory-hotplug.rst, "Long-term pinning of
   * pages"); this kernel's rules hold for older ones too.
   */
  readonly pinsLeaveMovable?: readonly [major: number, minor: number];
}
