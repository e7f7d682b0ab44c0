export { bytesText, countText, durationText, plural } from "@headgate/audit";

/** Unix ms as `2025-07-16T09:52:30Z`, UTC. */
export function timeText(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}
