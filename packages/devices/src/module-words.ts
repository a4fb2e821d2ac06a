/** A parameter as insmod gives it to a module: `unplug_online=0`, or a name alone. */
export interface ModuleWord {
  readonly name: string;
  /** Undefined for a name alone. */
  readonly value: string | undefined;
}

/** Parameters in their order, as they are written; for the kernel a `-` in a name is a `_` (kernel/params.c: parameq). */
export function moduleWords(words: string): ModuleWord[] {
  return words
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => {
      const at = word.indexOf("=");
      return at < 0 ? { name: word, value: undefined } : { name: word.slice(0, at), value: word.slice(at + 1) };
    });
}

/** What the kernel says of a parameter that a module does not have; the module is loaded all the same (kernel/module: unknown_module_param_cb). */
export function unknownWord(module: string, { name }: ModuleWord): string {
  return `${module}: unknown parameter '${name}' ignored`;
}
