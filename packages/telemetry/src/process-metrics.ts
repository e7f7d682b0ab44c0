import { readFileSync } from "node:fs";
import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";

/** Gauges whose names end like a counter's, against Prometheus' conventions. The same figures come by other names. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Memory, CPU, event loop and garbage collection of this process. */
export function processMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
}

/** A gauge that is always 1 and says what runs. */
export function buildInfo(registry: Registry): void {
  new Gauge({
    name: "headgate_build_info",
    help: "Always 1; its labels say which Headgate runs on which Node.js.",
    labelNames: ["version", "node_version"],
    registers: [registry],
  }).set({ version: packageVersion(), node_version: process.versions.node }, 1);
}

/** All packages of Headgate have one version. */
function packageVersion(): string {
  try {
    // One folder up from the sources as from the build.
    const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    const { name, version } = JSON.parse(text) as { readonly name?: string; readonly version?: string };
    if (name === "@headgate/telemetry" && version !== undefined) return version;
  } catch {
    // Where Headgate is bundled into one file, the package is not beside it.
  }
  return "unknown";
}
