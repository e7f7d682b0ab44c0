import { existsSync } from "node:fs";
import type { Outcome } from "./outcome.ts";

/** What some tests need beyond this checkout, and the variable that says where it is; programs have a usual place. */
const services: readonly { readonly variable: string; readonly what: string; readonly usual?: string }[] = [
  { variable: "RGW_ENDPOINT", what: "tests on a real S3 and STS server" },
  { variable: "HEADGATE_DATA", what: "tests on real audit records" },
  { variable: "HEADGATE_CHROMIUM", what: "tests in a real browser", usual: "/usr/bin/chromium" },
  { variable: "HEADGATE_PROMTOOL", what: "checks of the Prometheus rules", usual: "/usr/bin/promtool" },
  { variable: "HEADGATE_POSTGRES_BIN", what: "tests on a real PostgreSQL server", usual: "/usr/lib/postgresql" },
  { variable: "HEADGATE_PGBOUNCER", what: "tests through a connection pooler", usual: "/usr/sbin/pgbouncer" },
  { variable: "HEADGATE_SYSTEMD_ANALYZE", what: "checks of the systemd unit", usual: "/usr/bin/systemd-analyze" },
];

/** Says which services this machine lacks; a failure where all are required. */
export function missingServices(env: Readonly<Record<string, string | undefined>>): Outcome {
  const required = env["HEADGATE_REQUIRE_SERVICES"] === "1";
  const missing = services.filter(({ variable, usual }) => {
    const named = env[variable] ?? "";
    return usual === undefined ? named === "" : !existsSync(named === "" ? usual : named);
  });
  const notes = missing.map(({ variable, what }) => `${what}: ${variable} is not set (see CONTRIBUTING.md)`);
  const output = `HEADGATE_REQUIRE_SERVICES=1, but these cannot run:\n${notes.join("\n")}\n`;
  const failed = required ? missing.length : 0;
  return {
    passed: services.length - missing.length,
    failed,
    skipped: missing.length - failed,
    output,
    failures: [],
    notes: required ? [] : notes,
  };
}
