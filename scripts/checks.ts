/**
 * What `npm test` runs. Steps that do not need each other run two at a time; each prints one line, and its whole output
 * only when it fails. The last line counts: `N passed, N failed, N skipped`, where vitest's step counts as its tests.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { execute } from "./checks/execute.ts";
import { checkPackages } from "./checks/packages.ts";
import { missingServices } from "./checks/services.ts";
import type { Outcome } from "./checks/outcome.ts";
import { runTests } from "./checks/tests.ts";

interface Step {
  readonly name: string;
  /** Steps that must have ended. */
  readonly after: readonly string[];
  readonly run: () => Promise<Outcome>;
}

const steps: readonly Step[] = [
  { name: "services", after: [], run: async () => missingServices(process.env) },
  { name: "build", after: [], run: () => command(process.execPath, ["scripts/run.mjs", "build"]) },
  // The longest by far: begun as soon as it can, beside the others.
  { name: "vitest", after: ["build"], run: runTests },
  { name: "types", after: [], run: () => command("tsc", ["-p", "."]) },
  { name: "types in the browser", after: [], run: () => command("tsc", ["-p", "tsconfig.browser.json"]) },
  // These read whatever files there are, and a build leaves some about while it works.
  { name: "lint", after: ["build"], run: () => command("oxlint", ["--type-aware", "--deny-warnings"]) },
  { name: "format", after: ["build"], run: () => command("oxfmt", ["--check", "."]) },
  { name: "unused", after: ["build"], run: () => command("knip", ["--no-progress"]) },
  {
    name: "generated",
    after: [],
    run: () => command("node", ["--conditions=@headgate/source", "scripts/generate.ts", "--check"]),
  },
  { name: "packages", after: ["build"], run: checkPackages },
];

async function command(program: string, args: readonly string[]): Promise<Outcome> {
  const { code, output } = await execute(program, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output, failures: [], notes: [] };
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: "string" }, help: { type: "boolean" } } });
  const names = steps.map((step) => step.name);
  const wanted = values.only?.split(",") ?? names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (values.help === true || unknown.length > 0) {
    if (unknown.length > 0) console.error(`There is no step ${unknown.join(", ")}.`);
    console.error(`usage: npm test [-- --only ${names.join(",")}]`);
    return unknown.length > 0 ? 2 : 0;
  }
  const chosen = steps.filter(
    (step) =>
      wanted.includes(step.name) ||
      steps.some((other) => wanted.includes(other.name) && other.after.includes(step.name)),
  );

  const results = await runAll(chosen);
  const outcomes = [...results.values()];
  const total = (key: "passed" | "failed" | "skipped"): number =>
    outcomes.reduce((sum, outcome) => sum + outcome[key], 0);
  const notes = outcomes.flatMap((outcome) => outcome.notes);
  if (notes.length > 0) console.log(`\nSkipped:\n${notes.map((note) => `- ${note}`).join("\n")}`);
  const failures = [...results].flatMap(([name, { failed, failures: lines }]) =>
    failed > 0 && lines.length === 0 ? [name] : lines,
  );
  // Far below what the steps printed: whoever reads the end of a long log sees what failed.
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((line) => `- ${line}`).join("\n")}`);
  if (chosen.length < steps.length) console.log(`\nOnly ${chosen.map((step) => step.name).join(", ")} ran.`);
  console.log(`\n${total("passed")} passed, ${total("failed")} failed, ${total("skipped")} skipped`);
  return total("failed") > 0 ? 1 : 0;
}

async function runAll(chosen: readonly Step[]): Promise<ReadonlyMap<string, Outcome>> {
  const lanes = Math.min(2, availableParallelism());
  const waiting = [...chosen];
  const done = new Map<string, Outcome>();
  const running = new Map<string, Promise<void>>();
  while (waiting.length > 0 || running.size > 0) {
    const next = waiting.findIndex((step) => step.after.every((name) => done.has(name)));
    if (next >= 0 && running.size < lanes) {
      const [step] = waiting.splice(next, 1) as [Step];
      running.set(
        step.name,
        runStep(step).then((outcome) => {
          done.set(step.name, outcome);
          running.delete(step.name);
        }),
      );
    } else await Promise.race(running.values());
  }
  return done;
}

async function runStep(step: Step): Promise<Outcome> {
  const began = performance.now();
  const outcome = await step.run();
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  const counts =
    outcome.passed + outcome.failed + outcome.skipped > 1
      ? `   ${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped} skipped`
      : "";
  console.log(`${outcome.failed === 0 ? "ok    " : "FAILED"} ${step.name.padEnd(10)}${seconds} s${counts}`);
  if (outcome.failed > 0) console.log(outcome.output.trimEnd().replaceAll(/^/gm, "    "));
  return outcome;
}

process.exitCode = await main();
