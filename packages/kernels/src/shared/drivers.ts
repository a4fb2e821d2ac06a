import type { KmemRules, MemoryDriverRules } from "@memhp/engine";

/** The same with other rules of kmem. */
export function withKmem(drivers: MemoryDriverRules | undefined, rules: Partial<KmemRules>): MemoryDriverRules {
  return drivers?.kmem === undefined ? { ...drivers } : { ...drivers, kmem: { ...drivers.kmem, ...rules } };
}

/** A build of which nobody has read whether it has kmem. */
export function withoutKmem(drivers: MemoryDriverRules | undefined): MemoryDriverRules {
  const { kmem: _kmem, ...others } = drivers ?? {};
  return others;
}

/** kmem with other rules, and no other driver. */
export function kmemAlone(drivers: MemoryDriverRules | undefined, rules: Partial<KmemRules>): MemoryDriverRules {
  const { kmem } = withKmem(drivers, rules);
  return kmem === undefined ? {} : { kmem };
}
