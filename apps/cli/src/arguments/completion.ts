import { type CommandSpec, helpOption } from "./command-spec.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Everything that a shell completes, out of the specifications that the parser and the help read. */
export function completionScript(shell: Shell, specs: readonly CommandSpec[]): string {
  return { bash, zsh, fish }[shell](specs);
}

interface Flag {
  readonly flag: string;
  readonly takesValue: boolean;
  readonly about: string;
}

function flagsOf({ options }: CommandSpec): Flag[] {
  return Object.entries({ ...options, help: helpOption }).map(([name, { value, implied, about }]) => ({
    flag: `--${name}`,
    takesValue: value !== undefined && implied === undefined,
    about,
  }));
}

function bash(specs: readonly CommandSpec[]): string {
  const cases = specs.map(
    (spec) =>
      `    ${spec.name}) words="${flagsOf(spec)
        .map(({ flag }) => flag)
        .join(" ")}" ;;`,
  );
  return `# memhp: eval "$(memhp completion bash)"
_memhp() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "${specs.map(({ name }) => name).join(" ")} help --help --version" -- "$current")
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _memhp memhp
`;
}

function zsh(specs: readonly CommandSpec[]): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "'\\\\''")}'`;
  const plain = (text: string): string => text.replaceAll(/[[\]:\\]/g, (sign) => `\\${sign}`);
  const names = specs.map(({ name, about }) => `    ${quote(`${name}:${plain(about)}`)}`);
  const cases = specs.map((spec) => {
    const flags = flagsOf(spec).map(({ flag, takesValue, about }) =>
      quote(`${flag}[${plain(about)}]${takesValue ? ":value:_files" : ""}`),
    );
    return `    ${spec.name}) _arguments ${[...flags, "'*:file:_files'"].join(" ")} ;;`;
  });
  return `#compdef memhp
# memhp: memhp completion zsh > a folder of $fpath/_memhp
_memhp() {
  local -a commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join("\n")}
  esac
}
compdef _memhp memhp
`;
}

function fish(specs: readonly CommandSpec[]): string {
  const quote = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = specs.flatMap((spec) => [
    `complete -c memhp -n __fish_use_subcommand -a ${spec.name} -d ${quote(spec.about)}`,
    ...flagsOf(spec).map(
      ({ flag, takesValue, about }) =>
        `complete -c memhp -n '__fish_seen_subcommand_from ${spec.name}' -l ${flag.slice(2)}${takesValue ? " -r" : ""} -d ${quote(about)}`,
    ),
  ]);
  return `# memhp: memhp completion fish > ~/.config/fish/completions/memhp.fish\n${lines.join("\n")}\n`;
}
