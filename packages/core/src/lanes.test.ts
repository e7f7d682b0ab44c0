import { describe, expect, it } from "vitest";
import { createLanes, type Lanes, type Turn } from "./lanes.ts";

interface Running extends Turn {
  readonly name: string;
  started: boolean;
  finish(): Promise<void>;
}

function add(
  lanes: Lanes,
  name: string,
  options: Partial<Pick<Turn, "host" | "owner" | "troubled" | "bytes">> = {},
): Running {
  let end: () => void = () => {};
  const turn: Running = {
    name,
    host: "h",
    owner: name,
    troubled: false,
    bytes: 1,
    ...options,
    started: false,
    run() {
      turn.started = true;
      return new Promise<void>((resolve) => (end = resolve));
    },
    async finish() {
      end();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
  lanes.add(turn);
  return turn;
}

const started = (turns: readonly Running[]): string =>
  turns
    .filter((turn) => turn.started)
    .map(({ name }) => name)
    .join("");

describe("createLanes", () => {
  it("bounds turns overall and per host, and goes on in order of arrival", async () => {
    const lanes = createLanes({ concurrency: 3, perHost: 2, memoryBytes: 1000 });
    const turns = ["a", "b", "c", "d"].map((name) => add(lanes, name));
    const other = add(lanes, "e", { host: "g" });
    expect(started([...turns, other])).toBe("abe");
    await turns[0]?.finish();
    expect(started([...turns, other])).toBe("abce");
  });

  it("keeps a quarter of the places from one owner, however many destinations it has", async () => {
    const lanes = createLanes({ concurrency: 8, perHost: 8, memoryBytes: 1000 });
    const greedy = Array.from({ length: 20 }, (_, i) => add(lanes, String(i % 10), { host: `g${i}`, owner: "greedy" }));
    expect(started(greedy)).toBe("012345");
    const other = [add(lanes, "x"), add(lanes, "y"), add(lanes, "z")];
    expect(started(other)).toBe("xy");
    await greedy[0]?.finish();
    // The free place is nobody's of right; the owner of most has room for one again.
    expect(started([...greedy, ...other]).length).toBe(9);
  });

  it("lets hosts take turns", async () => {
    const lanes = createLanes({ concurrency: 1, perHost: 1, memoryBytes: 1000 });
    const turns = [add(lanes, "a"), add(lanes, "b"), add(lanes, "c"), add(lanes, "x", { host: "g" })];
    await turns[0]?.finish();
    expect(started(turns)).toBe("ax");
  });

  it("keeps most places from destinations that are in trouble", () => {
    const lanes = createLanes({ concurrency: 8, perHost: 8, memoryBytes: 1000 });
    const dead = Array.from({ length: 8 }, (_, i) => add(lanes, String(i), { host: `dead${i}`, troubled: true }));
    const healthy = Array.from({ length: 6 }, (_, i) => add(lanes, String(i)));
    expect(started(dead)).toBe("01");
    expect(started(healthy)).toBe("012345");
  });

  it("gives a turn in trouble memory of its own, so that it holds up nobody", () => {
    const lanes = createLanes({ concurrency: 8, perHost: 8, memoryBytes: 100 });
    const dead = [
      add(lanes, "x", { host: "dead", troubled: true, bytes: 100 }),
      add(lanes, "y", { host: "dead", troubled: true, bytes: 100 }),
    ];
    const healthy = [add(lanes, "a", { bytes: 60 }), add(lanes, "b", { bytes: 40 })];
    expect(started(dead)).toBe("x");
    expect(started(healthy)).toBe("ab");
  });

  it("lets small turns pass a large one, but not for ever", async () => {
    const lanes = createLanes({ concurrency: 4, perHost: 4, memoryBytes: 100 });
    const running = [0, 1, 2].map(() => add(lanes, "s", { bytes: 30 }));
    const large = add(lanes, "L", { host: "large", bytes: 90 });
    let passed = 0;
    for (; passed < 20; passed++) {
      const next = add(lanes, "s", { bytes: 30 });
      await running.shift()?.finish();
      running.push(next);
      if (!next.started) break;
    }
    expect(passed).toBeGreaterThan(0);
    expect(passed).toBeLessThan(20);
    for (const turn of running) await turn.finish();
    expect(large.started).toBe(true);
  });

  it("bounds memory, but admits a turn that is larger than all of it when it is alone", async () => {
    const lanes = createLanes({ concurrency: 8, perHost: 8, memoryBytes: 100 });
    const turns = [add(lanes, "a", { bytes: 500 }), add(lanes, "b", { bytes: 60 }), add(lanes, "c", { bytes: 60 })];
    expect(started(turns)).toBe("a");
    await turns[0]?.finish();
    expect(started(turns)).toBe("ab");
    await turns[1]?.finish();
    expect(started(turns)).toBe("abc");
  });
});
