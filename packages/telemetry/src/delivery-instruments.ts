import type { DeliveryReport } from "@headgate/core";
import { Counter, Histogram, type Registry } from "prom-client";

/** In seconds: from a store in the same rack to a destination at its time limit. */
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
/** In seconds: around the usual flushes of 5 s and 5 min, the alert at 45 min, and the promised hour. */
const ageBuckets = [1, 5, 15, 60, 300, 420, 600, 1800, 2700, 3600, 7200, 86_400];

/** The instruments that count this process's own requests, from its start. */
export function deliveryInstruments(registry: Registry): (sink: string, report: DeliveryReport) => void {
  const registers = [registry];
  const requests = new Counter({
    name: "headgate_deliveries_total",
    help: "Requests to destinations, by what became of them.",
    labelNames: ["sink", "status"],
    registers,
  });
  const events = new Counter({
    name: "headgate_delivery_events_total",
    help: "Events that destinations took in requests of this process.",
    labelNames: ["sink"],
    registers,
  });
  const bytes = new Counter({
    name: "headgate_delivery_bytes_total",
    help: "Bytes of delivered bodies, before compression.",
    labelNames: ["sink"],
    registers,
  });
  const took = new Histogram({
    name: "headgate_delivery_seconds",
    help: "How long requests to destinations took.",
    labelNames: ["sink"],
    buckets: requestBuckets,
    registers,
  });
  const age = new Histogram({
    name: "headgate_delivery_age_seconds",
    help: "How long before its delivery the oldest event of a request was appended.",
    labelNames: ["sink"],
    buckets: ageBuckets,
    registers,
  });

  return (sink, report) => {
    requests.inc({ sink, status: report.status });
    took.observe({ sink }, report.ms / 1000);
    events.inc({ sink }, report.events);
    if (report.status !== "delivered") return;
    bytes.inc({ sink }, report.bytes);
    age.observe({ sink }, report.ageMs / 1000);
  };
}
