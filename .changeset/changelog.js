// A package's changelog says what changed in it. That it needs the others in the same version, its manifest says.
export default {
  getReleaseLine: async ({ summary }) => {
    const [first = "", ...rest] = summary.trim().split("\n");
    return ["", `- ${first.trimEnd()}`, ...rest.map((line) => (line.trim() === "" ? "" : `  ${line.trimEnd()}`))].join(
      "\n",
    );
  },
  getDependencyReleaseLine: async () => "",
};
