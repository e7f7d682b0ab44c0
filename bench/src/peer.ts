/** One path of the peer. */
export interface PeerFigures {
  readonly eventsPerSecond: number;
  readonly cpuPerMillion: number;
  readonly peakRssMb: number;
}

/** Where the figures come from. They were not measured in this run: read ratios, not absolutes. */
export const peerSource =
  "a strong peer (a log shipper written in C, storage on disk with fsync), measured November 2026 on 2 shared cores with 1,000,000 events of about 650 bytes to a local discarding server; wall clock ±15 %, CPU ±13 %";

/** By the name of our path. */
export const peer: Readonly<Record<string, PeerFigures>> = {
  none: { eventsPerSecond: 90_000, cpuPerMillion: 13.4, peakRssMb: 154 },
  gzip: { eventsPerSecond: 47_000, cpuPerMillion: 26, peakRssMb: 404 },
  zstd: { eventsPerSecond: 88_000, cpuPerMillion: 14.6, peakRssMb: 160 },
  "hec-gzip": { eventsPerSecond: 64_000, cpuPerMillion: 25.5, peakRssMb: 98 },
  "hec-none": { eventsPerSecond: 96_000, cpuPerMillion: 11.3, peakRssMb: 110 },
  "datadog-gzip": { eventsPerSecond: 37_000, cpuPerMillion: 24.1, peakRssMb: 100 },
  "datadog-none": { eventsPerSecond: 69_000, cpuPerMillion: 11.9, peakRssMb: 106 },
  "gzip-1000": { eventsPerSecond: 17_000, cpuPerMillion: 56, peakRssMb: 131 },
};
