import { comparedTraceIds } from "./compared.ts";
import { withoutGiven } from "./without-given.ts";

// Steps that are as the kernel's without `given`, by group: `node --conditions=@memhp/source tools/conformance/src/without-given-report.ts [GROUP…]`.
const groups = process.argv.slice(2);
const sums = new Map<string, { runs: number; total: number; matched: number; foretold: number }>();
for (const id of comparedTraceIds()) {
  const [group = ""] = id.split("/");
  if (groups.length > 0 && !groups.includes(group)) continue;
  const sum = sums.get(group) ?? { runs: 0, total: 0, matched: 0, foretold: 0 };
  const { total, matched, foretold } = await withoutGiven(id);
  sum.runs++;
  sum.total += total;
  sum.matched += matched;
  sum.foretold += foretold;
  sums.set(group, sum);
}
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;
for (const [group, { runs, total, matched, foretold }] of sums)
  console.log(
    `${group}: ${runs} runs, ${total} steps; as the kernel all the way ${matched} (${percent(matched, total)}), each guess put right ${foretold} (${percent(foretold, total)})`,
  );
