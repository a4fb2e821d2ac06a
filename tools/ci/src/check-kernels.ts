import { findKernelQuestions } from "./kernel-rules.ts";
import { workspaceRoot } from "./workspace.ts";

const questions = findKernelQuestions(workspaceRoot);
for (const { where, what } of questions) console.error(`${where}: ${what}: give the rule a field in its section`);
process.exitCode = questions.length > 0 ? 1 : 0;
