import { audit, type AuditProgress, type AuditReport, openPlace, type OrganizationReport } from "@headgate/audit";
import { HeadgateError } from "@headgate/core";
import { bytesText, countText, durationText, plural } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import { type Command, defineCommand, exitCode, needed, UsageError } from "./command.ts";

/** Findings of a kind that are shown to people; `--json` has them all. */
const shown = 20;

export const auditCommand: Command = defineCommand({
  description:
    "Reads every object of a folder or bucket and proves, from the bytes alone, that nothing is missing, doubled or altered: the SHA-1 in each name against the bytes, each line, its hour and order, and each organization's sequences for gaps and repeats between the first and the last. What came before the first and after the last cannot be seen from the objects: compare with headgate status. Credentials for S3 come from the default chain of the AWS SDK and need s3:ListBucket and s3:GetObject. Exits with 3 where something is wrong.",
  positionals: "FOLDER|s3://BUCKET/PREFIX",
  maxPositionals: 1,
  options: {
    endpoint: { type: "string", value: "URL", description: "S3-compatible server. Default: AWS." },
    region: { type: "string", value: "REGION", description: "Region of the bucket. Default: AWS_REGION." },
    "force-path-style": { type: "boolean", description: "Bucket in the path, not in the host name." },
    organization: {
      type: "string",
      value: "ORG",
      description: "Whose events these are: any other one's are a finding.",
    },
    concurrency: { type: "string", value: "N", description: "Objects read at a time. Default: 8." },
    "skip-ids": { type: "boolean", description: "Compare sequences only, not event ids: needs no temporary files." },
  },
  examples: [
    "headgate audit ./out",
    "headgate audit s3://acme-audit-logs/headgate/ --region eu-west-1 --json",
    "headgate audit s3://audit-logs/ --endpoint http://127.0.0.1:7480 --region us-east-1 --force-path-style",
  ],
  async run({ values, positionals, terminal }) {
    const place = needed(positionals[0], "The folder or s3://bucket/prefix");
    const concurrency = Number(values.concurrency ?? 8);
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 256)
      throw new UsageError("--concurrency must be a whole number from 1 to 256.");
    const region = values.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
    using stop = createStopSignal(process, () => terminal.note("Stopping."));
    const opened = openPlace({
      place,
      signal: stop.signal,
      ...(values.endpoint !== undefined && { endpoint: values.endpoint }),
      ...(region !== undefined && { region }),
      ...(values["force-path-style"] === true && { forcePathStyle: true }),
    });
    const began = performance.now();
    let report: AuditReport;
    try {
      report = await audit(opened, {
        concurrency,
        ids: values["skip-ids"] !== true,
        ...(values.organization !== undefined && { organization: values.organization }),
        signal: stop.signal,
        onProgress: (progress) => terminal.progress(() => progressText(progress, performance.now() - began)),
      });
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      throw new HeadgateError("cancelled", "The audit was stopped before its end, so it proves nothing.", {
        cause: error,
      });
    }
    terminal.endProgress();
    if (report.objects === 0) {
      throw new HeadgateError("destination_missing", `There are no objects under ${place}.`, {
        hint: "An empty place proves nothing: check the path and the prefix.",
      });
    }
    await terminal.print(
      values.json === true ? `${JSON.stringify(report)}\n` : reportText(place, report, performance.now() - began),
    );
    return report.complete ? exitCode.done : exitCode.found;
  },
});

function progressText({ objects, events, bytes, badObjects }: AuditProgress, ms: number): string {
  const rate = countText(Math.round(events / Math.max(0.001, ms / 1000)));
  const bad = badObjects === 0 ? "" : `, ${countText(badObjects)} bad`;
  return `auditing: ${plural(objects, "object")}, ${plural(events, "event")}, ${bytesText(bytes)}, ${rate} events/s${bad}`;
}

function reportText(place: string, report: AuditReport, ms: number): string {
  const { totals } = report;
  const { organizations = [] } = report;
  const read = `${plural(report.events, "event")} in ${plural(report.objects, "object")}, ${bytesText(report.bytes)}, read in ${durationText(ms)}.`;
  const lines: string[] = [];
  if (organizations.length < 2) {
    const range = `${countText(report.first_sequence)} to ${countText(report.last_sequence)}`;
    if (report.complete) lines.push(`${place}: events ${range} are complete: ${read}`);
    else lines.push(`${place} is NOT complete: ${read}`, `Sequences ${range}.`, ...findings(report, "  "));
  } else {
    const all = `${place}: the events of ${countText(organizations.length)} organizations are complete, each from its first to its last: ${read}`;
    lines.push(report.complete ? all : `${place} is NOT complete: ${read}`);
    const several = new Set(organizations.flatMap(({ prefixes }) => prefixes)).size > 1;
    for (const organization of organizations) {
      const state = organization.complete ? "" : "  NOT complete";
      const where = several ? ` under ${organization.prefixes.map(prefixText).join(", ")}` : "";
      lines.push(
        `${organization.organization}${where}: ${plural(organization.events, "event")}, sequences ${countText(organization.first_sequence)} to ${countText(organization.last_sequence)}${state}`,
        ...findings(organization, "  "),
      );
    }
  }
  for (const { prefix, organizations: owners } of report.shared_prefixes.slice(0, shown)) {
    lines.push(
      `Several organizations have objects under ${prefixText(prefix)}: ${owners.slice(0, shown).join(", ")}. A stream is one organization's: --organization ORG makes any other one's a finding.`,
    );
  }
  if (report.skipped > 0) {
    lines.push(
      `${plural(report.skipped, "key")} like those of event objects ${report.skipped === 1 ? "was" : "were"} left out, because a folder or name begins with _ or a dot.`,
    );
  }
  if (report.ignored > 0)
    lines.push(
      `${plural(report.ignored, "file")} outside the layout's folders ${report.ignored === 1 ? "was" : "were"} not looked at.`,
    );
  const bad = report.bad_objects.slice(0, shown).map(({ key, reason }) => `  bad: ${key}: ${reason}`);
  lines.push(...bad, ...rest(totals.bad_objects, "bad objects"));
  lines.push(
    "What came before the first event or after the last cannot be seen from the objects: compare with headgate status.",
  );
  return `${lines.join("\n")}\n`;
}

function prefixText(prefix: string): string {
  return prefix === "" ? "the top" : prefix;
}

function findings(
  report: Pick<OrganizationReport, "gaps" | "missing" | "duplicates" | "duplicate_ids">,
  indent: string,
): readonly string[] {
  const { gaps, missing, duplicates, duplicate_ids: ids } = report;
  const range = ([from, to]: readonly [number, number]): string => (from === to ? String(from) : `${from}–${to}`);
  const some = (items: readonly string[]): string =>
    `${items.slice(0, shown).join(", ")}${items.length > shown ? ", …" : ""}`;
  return [
    ...(gaps.length === 0 ? [] : [`${indent}missing: ${plural(missing, "event")}: ${some(gaps.map(range))}`]),
    ...(duplicates.length === 0 ? [] : [`${indent}more than once: ${some(duplicates.map(String))}`]),
    ...(ids.length === 0 ? [] : [`${indent}same id: sequences ${some(ids.map(([a, b]) => `${a} and ${b}`))}`]),
  ];
}

function rest(total: number, what: string): readonly string[] {
  return total > shown ? [`  and ${countText(total - shown)} more ${what}; --json lists them`] : [];
}
