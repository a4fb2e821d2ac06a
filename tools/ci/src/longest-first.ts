import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files of tests that take long, longest first: begun late, one of them would run alone while all other processors have nothing left to do.
 * Vitest knows what took long only where it ran before, and goes by the size of files elsewhere: the replay of all recorded runs is a small one.
 */
const long: readonly string[] = [
  "apps/console/test/browser/console.test.ts",
  "apps/console/test/browser/every-view.test.ts",
  "tools/conformance/test/replay.test.ts",
  "apps/console/test/browser/forms.test.ts",
  "packages/sweep/test/fuzz.test.ts",
  "tools/conformance/test/workers.test.ts",
  "packages/sweep/test/crowded-nodes.test.ts",
  "packages/machine/test/pages.property.test.ts",
  "apps/cli/test/lsmem-debian.test.ts",
  "apps/console/test/browser/faults.test.ts",
  "apps/console/test/browser/map.test.ts",
  "packages/sweep/test/redis/redis.test.ts",
  "apps/cli/test/shell.test.ts",
  "apps/cli/test/sweep-process.test.ts",
  "packages/machine/test/image.property.test.ts",
  "apps/cli/test/process.test.ts",
  "packages/machine/test/virtio-mem-sequences.test.ts",
  "packages/sweep/test/studies.test.ts",
  "apps/console/test/browser/charts.test.ts",
  "packages/engine/test/pages/conservation.test.ts",
  "packages/hotplug/test/sequences.property.test.ts",
  "packages/scenario/test/examples.test.ts",
  "tools/conformance/test/without-given.test.ts",
  "packages/machine/test/offline-plan.test.ts",
  "apps/cli/test/readme.test.ts",
  "packages/engine/test/pages/bulk.property.test.ts",
  "packages/qmp/test/server.test.ts",
  "packages/capture/test/image.test.ts",
  "apps/cli/test/commands.test.ts",
  "packages/machine/test/offline-outlook.test.ts",
];

/** Long files first, the others behind as vitest has them. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at === -1 ? long.length : at;
    };
    const rest = await super.sort(files);
    return rest.sort((a, b) => place(a) - place(b));
  }
}
