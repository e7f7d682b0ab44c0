import { readdir } from "node:fs/promises";
import { secret, silentLogger, type Sink, type SinkDefinition, systemClock } from "../../packages/core/src/index.ts";
import { fileSink } from "../../packages/sink-file/src/index.ts";
import { datadogSink } from "../../packages/sink-datadog/src/index.ts";
import { s3Sink } from "../../packages/sink-s3/src/index.ts";
import { splunkSink } from "../../packages/sink-splunk/src/index.ts";
import { table } from "./markdown.ts";

const context = { stream: "page", organization: "page", clock: systemClock, random: () => 0, logger: silentLogger };

/** The sinks of this repository, by the folder of their package, with options that suffice to make one. */
const sinks: Readonly<Record<string, Sink>> = {
  "sink-file": made(fileSink(), { directory: "out" }),
  "sink-s3": made(s3Sink(), {
    bucket: "example",
    region: "eu-west-1",
    roleArn: "arn:aws:iam::444455556666:role/headgate",
  }),
  "sink-splunk": made(splunkSink(), { url: "https://hec.example.com:8088", token: secret("page") }),
  "sink-datadog": made(datadogSink(), { site: "datadoghq.eu", apiKey: secret("page") }),
};

function made<Options extends object>(definition: SinkDefinition<string, Options>, options: Options): Sink {
  return definition.create(options, context);
}

/** What each sink takes in one request and what it promises, as it declares it. */
export async function sinksPage(): Promise<string> {
  const folders = await readdir(new URL("../../packages", import.meta.url));
  const missing = folders.filter((name) => /^sink-(?!testkit)/.test(name) && !Object.hasOwn(sinks, name));
  if (missing.length > 0) throw new Error(`Give ${missing.join(", ")} a place in scripts/generate/sinks-page.ts.`);
  const rows = Object.entries(sinks).map(([folder, sink]) => [
    `\`${sink.name}\``,
    `\`@headgate/${folder}\``,
    sink.acknowledgement === "stored" ? "stored for good" : "accepted",
    sink.partition === "hour" ? "by hour" : "no",
    `${number(sink.limits.maxEvents)} events, ${size(sink.limits.maxBytes)}`,
    size(sink.limits.maxEventBytes),
    number(sink.limits.concurrency),
    `${number(sink.flush.maxAgeMs / 1000)} s, ${size(sink.flush.maxBytes)}, ${number(sink.flush.maxEvents)} events`,
  ]);
  const head = ["Sink", "Package", "Delivered means", "Split", "Request", "Event", "At a time", "Window is due at"];
  return `# Sinks

What a request holds at most, measured on encoded bytes before compression, and how many a stream sends at a time. An
event that is larger than the sink takes goes to quarantine. A window is due at the first of its three bounds; a
stream's \`flush\` changes them.

${table(head, rows)}
Sinks of your own are values passed to \`createHeadgate\`; \`@headgate/sink-testkit\` checks that they keep the contract.
`;
}

function number(value: number): string {
  return Number.isFinite(value) ? value.toLocaleString("en-US") : "no limit";
}

function size(bytes: number): string {
  return Number.isFinite(bytes) ? `${number(bytes / 1024 / 1024)} MiB` : "no limit";
}
