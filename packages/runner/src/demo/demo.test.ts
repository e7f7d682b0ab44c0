import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandConfig } from "../embedded.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { createDemo, type Demo } from "./demo.ts";
import { addsUp, type DemoState, inTrouble } from "./state.ts";
import { auditFolder } from "./testing/audit-folder.ts";

const never = new AbortController().signal;

/** Runs a demo until `script` has seen what it wants. `seen` resolves to the first state that is as wished. */
async function play(
  demo: Demo,
  script: (seen: (wish: (state: DemoState) => boolean) => Promise<DemoState>) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  let check: (state: DemoState) => void = () => {};
  const states: DemoState[] = [];
  const view = {
    everyMs: 50,
    show(state: DemoState) {
      states.push(state);
      check(state);
    },
  };
  const seen = (wish: (state: DemoState) => boolean): Promise<DemoState> =>
    new Promise((resolve) => {
      check = (state) => {
        if (wish(state)) resolve(state);
      };
    });
  const running = demo.run(view, controller.signal);
  await Promise.race([running, script(seen)]);
  controller.abort(new Error("seen enough"));
  await running;
  expect(states.flatMap(({ streams }) => streams).filter(({ status }) => !addsUp(status))).toEqual([]);
}

const quick = { flushMs: 200 };
const quiet = { everyMs: 50, show: () => {} };

describe("createDemo", () => {
  it("shows a stream fail and recover with nothing lost", async () => {
    using folder = temporaryFolder();
    await using demo = await createDemo({ ...quick, directory: folder.path, eventsPerSecond: 100 });
    await play(demo, async (seen) => {
      await demo.press("down");
      await demo.press("break");
      const failed = await seen(({ streams }) => streams.some(({ status }) => inTrouble(status)));
      expect(failed.streams.map(({ broken }) => broken)).toEqual([false, true, false]);
      const { lastError } = failed.streams[1]?.status.health ?? {};
      expect(lastError).toMatchObject({
        code: "file_unwritable",
        hint: expect.stringContaining("Move that file away"),
      });
      await demo.press("break");
      // What was delivered is stored a moment before the state that follows from it.
      const mended = await seen(
        ({ streams, happenings }) =>
          streams[1]?.status.health.state === "active" &&
          happenings.some(({ text }) => text.includes("nothing was lost")),
      );
      expect(mended.streams[1]).toMatchObject({ broken: false });
      expect(mended.streams[1]?.status.delivered).toBeGreaterThan(0);
    });
    const { streams } = await demo.finish(quiet, never);
    for (const { organization, status, objects } of streams) {
      expect(status).toMatchObject({ pending: 0, quarantined: 0 });
      const audit = auditFolder(join(folder.path, organization));
      expect(audit).toEqual({ events: status.delivered, objects, problems: [] });
    }
  });

  it("mends what is broken when it ends, and delivers it", async () => {
    using folder = temporaryFolder();
    await using demo = await createDemo({ ...quick, directory: folder.path, eventsPerSecond: 50 });
    await play(demo, async (seen) => {
      await demo.press("break");
      await seen(({ streams }) => streams[0]?.status.health.state === "blocked");
    });
    const { streams } = await demo.finish(quiet, never);
    expect(streams[0]).toMatchObject({ broken: false, status: { pending: 0 } });
    expect(readdirSync(folder.path)).not.toContain("acme.moved-away");
  });

  it("pauses and resumes the selected stream, and changes the rate", async () => {
    using folder = temporaryFolder();
    await using demo = await createDemo({ ...quick, directory: folder.path, eventsPerSecond: 20 });
    await play(demo, async (seen) => {
      await demo.press("3");
      await seen(({ streams, selected }) => streams.length === 3 && selected === 2);
      await demo.press("pause");
      await seen(({ streams }) => streams[2]?.status.health.state === "paused");
      await demo.press("pause");
      await seen(({ streams }) => streams[2]?.status.health.state !== "paused");
      await demo.press("faster");
      await seen(({ eventsPerSecond }) => eventsPerSecond === 40);
      await demo.press("slower");
      await seen(({ eventsPerSecond }) => eventsPerSecond === 20);
    });
    const { happenings } = await demo.finish(quiet, never);
    expect(happenings.map(({ organization, text }) => `${organization} ${text}`)).toEqual([
      "cobalt paused: events are kept until it is resumed",
      "cobalt resumed",
    ]);
  });

  it("leaves a configuration that fits its store", async () => {
    using folder = temporaryFolder();
    await using _demo = await createDemo({ ...quick, directory: folder.path, eventsPerSecond: 1 });
    const yaml = readFileSync(join(folder.path, "headgate.yaml"), "utf8");
    const { streams } = commandConfig(join(folder.path, "headgate.yaml"));
    expect(yaml).toContain("headgate status");
    expect(streams.map(({ id }) => id)).toEqual(["acme-files", "borealis-files", "cobalt-files"]);
  });

  it("says in one sentence that its folder cannot be made", async () => {
    using folder = temporaryFolder();
    const directory = folder.write("file", "");
    await expect(createDemo({ directory, eventsPerSecond: 1 })).rejects.toMatchObject({
      code: "file_unwritable",
      hint: "Choose another one with --directory.",
    });
  });
});
