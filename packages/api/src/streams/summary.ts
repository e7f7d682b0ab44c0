import { type Clock, type Headgate, type ServiceLevels, sumOfServiceLevels } from "@headgate/core";
import { serviceLevelsJson, timeJson } from "./stream-json.ts";

/** How the streams of an organization, or of all, stand together; as it stands on the wire. */
export type Summary = Readonly<Record<string, unknown>>;

/** People reload; ten thousand streams are twenty pages. */
const freshMs = 2000;

interface Kept {
  readonly at: number;
  readonly summary: Promise<Summary>;
}

const kept = new WeakMap<object, Map<string, Kept>>();

/** The summary of an organization's streams, or of all for "". At most 2 s old; asked for at the same time it is made once. */
export function summaryOf(headgate: Headgate, organization: string, clock: Clock): Promise<Summary> {
  const summaries = kept.get(headgate) ?? new Map<string, Kept>();
  kept.set(headgate, summaries);
  const now = clock.now();
  // What is out of date goes, so that there are never more than were asked for in 2 s.
  for (const [key, { at }] of summaries) if (now - at >= freshMs || now < at) summaries.delete(key);
  const known = summaries.get(organization);
  if (known !== undefined) return known.summary;
  const entry: Kept = { at: now, summary: summarize(headgate, organization) };
  summaries.set(organization, entry);
  // A failure is not kept.
  entry.summary.catch(() => {
    if (summaries.get(organization) === entry) summaries.delete(organization);
  });
  return entry.summary;
}

async function summarize(headgate: Headgate, organization: string): Promise<Summary> {
  const byState: Record<string, number> = {};
  const levels: ServiceLevels[] = [];
  let [total, pending] = [0, 0];
  let oldest: number | undefined;
  for (let after: string | undefined; ;) {
    const page = await headgate.streams.statuses({
      ...(organization !== "" && { organization }),
      ...(after !== undefined && { after }),
      limit: 500,
    });
    for (const status of page.streams) {
      const { state } = status.health;
      byState[state] = (byState[state] ?? 0) + 1;
      total++;
      pending += status.pending;
      if (status.oldestPendingAt !== undefined) oldest = Math.min(oldest ?? Infinity, status.oldestPendingAt);
      levels.push(status.serviceLevels);
    }
    // Summed up page by page: ten thousand of them need not be in memory.
    levels.splice(0, levels.length, sumOfServiceLevels(levels));
    after = page.after;
    if (after === undefined) break;
  }
  return {
    streams: { total, by_state: byState },
    service_levels: serviceLevelsJson(sumOfServiceLevels(levels)),
    open_alerts: await openAlerts(headgate, organization),
    pending,
    ...(oldest !== undefined && { oldest_pending_at: timeJson(oldest) }),
  };
}

async function openAlerts({ alerts }: Headgate, organization: string): Promise<number> {
  const limit = 200;
  for (let count = 0, before: string | undefined; ;) {
    const found = await alerts.list({
      ...(organization !== "" && { organization }),
      ...(before !== undefined && { before }),
      open: true,
      limit,
    });
    count += found.length;
    before = found.at(-1)?.id;
    if (found.length < limit || count >= mostCounted) return Math.min(count, mostCounted);
  }
}

/** Beyond this the number says enough. */
const mostCounted = 1000;
