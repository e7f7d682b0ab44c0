/** What a piece of work cost. CPU is of the whole process: all threads, user and system. */
export interface Cost {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Events a second, by the clock on the wall. */
export function rateOf({ events, seconds }: Cost): number {
  return events / seconds;
}

/** CPU seconds per million events. */
export function cpuPerMillion({ events, cpuSeconds }: Cost): number {
  return (cpuSeconds / events) * 1e6;
}

/** Wall-clock seconds per million events. */
export function secondsPerMillion({ events, seconds }: Cost): number {
  return (seconds / events) * 1e6;
}

/** Measures work that this process does; `work` resolves to the number of events it was about. */
export async function measure(work: () => number | Promise<number>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const events = await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { events, seconds, cpuSeconds: (user + system) / 1e6 };
}

/** Repeats rounds of work until `seconds` have passed, after one round that is not counted. */
export async function measureFor(seconds: number, round: () => number | Promise<number>): Promise<Cost> {
  await round();
  return measure(async () => {
    const until = performance.now() + seconds * 1000;
    let events = 0;
    do events += await round();
    while (performance.now() < until);
    return events;
  });
}
