/** A configuration switch of one kernel, as its Kconfig has it. */
export interface KconfigSwitch {
  /** As in a .config, without CONFIG_. */
  readonly name: string;
  /** What is there with it, or goes without it. */
  readonly about: string;
  /** Switches that it depends on, or that it selects: it is never on without them, and goes when one of them goes. */
  readonly needs: readonly string[];
  /** Why nobody can set it in this kernel; absent where one can. */
  readonly fixed?: string;
  /** One of a choice: `defaultOnlineType` has this value while it is on. `alone`: it is the only one, and off means `offline`. */
  readonly choice?: { readonly value: string; readonly alone: boolean };
  /** Without a prompt of its own: it has always the value of this one, which is set instead. */
  readonly follows?: string;
}
