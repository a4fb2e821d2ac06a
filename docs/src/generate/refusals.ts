import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Refusal, refusalCodes, refusalSentences } from "@memhp/abi";
import { runRecorded } from "@memhp/recorded";
import { operationOf, parseDocument, runDocument } from "@memhp/scenario";
import { fenced, type Page, shown } from "./markdown.ts";
import { factLinks } from "./reference.ts";
import { type RefusalExample, refusalExamples } from "./refusal-examples.ts";
import { root } from "./root.ts";

/** Every refusal's code, met: what was asked, what the kernel answered, why, and what would help. */
export async function refusalsPage(): Promise<Page> {
  const parts: string[] = [];
  for (const code of refusalCodes) {
    const { asked, refusal } = await meet(refusalExamples[code], code);
    const remedy = refusal.remedy.length === 0 ? "" : `What helps: ${refusal.remedy.map(shown).join("; or ")}.\n\n`;
    const { errno, rule, retry } = refusal;
    parts.push(
      `## ${code}\n\n${asked}\n\n> ${shown(refusalSentences(refusal).join(" "))}\n\n\`${String(errno)}\`, by ${factLinks(shown(rule))}. Trying again: ${retry}. ${remedy}\n\n${fenced("json", JSON.stringify(short(refusal), undefined, 2))}`,
    );
  }
  const intro =
    "A refusal is an answer, never an exception: an errno, and its cause as data. Each code below was met in a run when this page was made.";
  return { path: "reference/refusals", markdown: `# Refusals\n\n${intro}\n\n${parts.join("\n")}` };
}

/** A page says enough of those in the way. */
function short(refusal: Refusal): Refusal {
  return refusal.pages === undefined ? refusal : { ...refusal, pages: refusal.pages.slice(0, 1) };
}

async function meet(example: RefusalExample, code: string): Promise<{ asked: string; refusal: Refusal }> {
  if (typeof example !== "string") {
    const refusal = await example.refusal();
    if (refusal?.code !== code) throw new Error(`${code}: the example met ${refusal?.code ?? "no refusal"}`);
    return { asked: `\`${example.asked}\``, refusal };
  }
  const document = parseDocument(readFileSync(join(root, example), "utf8"), example);
  const { trace } = example.includes("kernel-traces") ? await runRecorded(document) : await runDocument(document);
  for (const { step, refusal } of trace.steps)
    if (refusal?.code === code) {
      const words = operationOf(step.op).asked(step, {
        resolve: (text) => text,
        blocks: () => undefined,
        address: () => undefined,
      });
      return { asked: `\`${words}\`, in \`${example}\``, refusal };
    }
  throw new Error(`${code}: ${example} does not meet it`);
}
