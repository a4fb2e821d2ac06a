interface Item {
  readonly text: string;
  readonly link: string;
}

interface Group {
  readonly text: string;
  readonly collapsed?: boolean;
  readonly items: readonly Item[];
}

const item = (text: string, link: string): Item => ({ text, link });

/** What leads where, beside every page. @param paths the pages that were made. */
export function sidebar(paths: readonly string[]): Group[] {
  const packages = paths
    .filter((path) => path.startsWith("api/") && path !== "api/index")
    .map((path) => path.slice("api/".length));
  return [
    {
      text: "Start",
      items: [
        item("A package", "/start/package"),
        item("Large machines", "/start/large"),
        item("Statecharts, seen", "/start/see"),
        item("A stuck block", "/start/stuck-block"),
        item("virtio-mem that stays", "/start/virtio-mem"),
        item("Memory that a driver manages", "/start/driver-managed"),
        item("Concepts", "/concepts"),
        item("Results", "/results"),
        item("Examples", "/examples"),
        item("Studies", "/studies/"),
        item("Versions and support", "/versions"),
      ],
    },
    {
      text: "Reference",
      items: ["operations", "commands", "files", "events", "rules", "refusals"].map((name) =>
        item(title(name), `/reference/${name}`),
      ),
    },
    {
      text: "Facts",
      collapsed: true,
      items: paths
        .filter((path) => path.startsWith("facts/"))
        .map((path) => item(path.slice("facts/".length), `/${path}`)),
    },
    {
      text: "Extend",
      items: [
        item("How it is built", "/internals"),
        ...["kernel", "platform", "device", "operation"].map((name) =>
          item(`Add ${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`, `/extend/${name}`),
        ),
      ],
    },
    {
      text: "API",
      collapsed: true,
      items: [item("All packages", "/api/"), ...packages.map((name) => item(name, `/api/${name}`))],
    },
  ];
}

function title(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
