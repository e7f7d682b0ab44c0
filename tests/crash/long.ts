// The crash runs at length: `node --conditions=@headgate/source tests/crash/long.ts [seed]`, with the S3 server's
// environment; then the same for log intakes, with half the kills. Prints what was played, so that a failure can be played again with its seed.
import { playIntake } from "./intake.ts";
import { intakes } from "./intakes.ts";
import { play } from "./scenario.ts";
import { postgresScenarios, scenarios } from "./scenarios.ts";
import { withoutPostgres } from "../database/cluster.ts";

const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const kills = Number(process.env["HEADGATE_CRASH_KILLS"] ?? 32);
const events = Number(process.env["HEADGATE_CRASH_EVENTS"] ?? 40_000);
const say = (line: string): void => console.log(line);

let failed = 0;
const size = { seed, kills, events, organizations: 12 };
for (const scenario of [...scenarios(size), ...(withoutPostgres ? [] : postgresScenarios(size))]) {
  const began = Date.now();
  try {
    const { objects, events: stored, faults, surprises } = await play(scenario, () => {});
    for (const surprise of surprises) say(`  ${surprise}`);
    if (surprises.length > 0) failed += 1;
    const played = Object.entries(faults)
      .map(([name, times]) => `${name} ${times}`)
      .join(", ");
    say(
      `${surprises.length === 0 ? "ok  " : "FAIL"} ${scenario.name}: ${kills} kills, ${stored} events once each in ${objects} objects; requests: ${played}; seed ${scenario.seed}; ${Math.round((Date.now() - began) / 1000)} s`,
    );
  } catch (error) {
    failed += 1;
    say(`FAIL ${error instanceof Error ? error.message : String(error)}`);
  }
}
for (const { name, open } of intakes) {
  const began = Date.now();
  try {
    await using intake = await open();
    const rounds = Math.ceil(kills / 2);
    const { lost, repeatedRequests, requests } = await playIntake(intake.run, {
      kills: rounds,
      seed,
      taken: intake.taken,
    });
    const well = lost === 0 && repeatedRequests <= rounds;
    if (!well) failed += 1;
    say(
      `${well ? "ok  " : "FAIL"} ${name}: ${rounds} kills, ${lost} events lost, ${repeatedRequests} of ${requests} requests repeated; seed ${seed}; ${Math.round((Date.now() - began) / 1000)} s`,
    );
  } catch (error) {
    failed += 1;
    say(`FAIL ${name}, seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
