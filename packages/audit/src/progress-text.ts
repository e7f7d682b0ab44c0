import type { AuditProgress } from "./audit.ts";
import { bytesText, countText, durationText, plural } from "./numbers.ts";

const barWidth = 20;

/** How far an audit is, in one line. `ms` is how long it has been reading objects. */
export function progressText(
  { listed, objects, events, bytes, badObjects, total }: AuditProgress,
  { ms, bar }: { readonly ms: number; readonly bar: boolean },
): string {
  if (total === undefined) return `listing: ${plural(listed, "file")}`;
  const rate = (count: number): string => countText(Math.round(count / Math.max(0.001, ms / 1000)));
  const bad = badObjects === 0 ? "" : `, ${countText(badObjects)} bad`;
  const read = `${countText(objects)} of ${countText(total.objects)}`;
  if (!bar)
    return `auditing: ${read} objects, ${plural(events, "event")}, ${bytesText(bytes)}, ${rate(events)} events/s${bad}`;
  const share = shareOf(bytes, total.bytes) ?? shareOf(objects, total.objects) ?? 1;
  const percent = Math.floor(share * 100);
  const drawn = "#".repeat(Math.floor((percent * barWidth) / 100)).padEnd(barWidth, ".");
  // What matters least comes last: 80 columns may cut it off.
  const left = share === 0 || share === 1 ? "" : `, ${durationText((ms * (1 - share)) / share)} left`;
  return `[${drawn}] ${String(percent).padStart(3)} %${left}${bad}, ${rate(objects)} objects/s, ${bytesText(bytes)}, ${read}`;
}

function shareOf(done: number, total: number): number | undefined {
  // A file that grows while it is read has more than was listed.
  return total === 0 ? undefined : Math.min(1, done / total);
}
