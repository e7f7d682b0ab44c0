import { streamJson } from "@headgate/api";
import { join } from "node:path";
import { countText, plural } from "../terminal/numbers.ts";
import { tableText } from "../terminal/table.ts";
import type { DemoState, DemoStream } from "./state.ts";

/** What is left behind, where it is, and how to check it. `program` is how `headgate` is called here. */
export function farewellText({ streams, directory }: DemoState, program: string): string {
  const rows = streams.map(({ organization, status, objects }) => [
    organization,
    ...[status.accepted, status.delivered, status.quarantined, status.pending, objects].map(countText),
  ]);
  const numbers = ["ACCEPTED", "DELIVERED", "QUARANTINED", "PENDING", "OBJECTS"];
  const table = tableText(["ORGANIZATION", ...numbers], rows, numbers);
  const pending = streams
    .filter(({ status }) => status.pending > 0)
    .map(pendingText)
    .join("");
  const folder = shellWord(directory);
  const audits = streams.map(({ organization }) => `  ${program} audit ${shellWord(path(directory, organization))}\n`);
  return `${table}${pending === "" ? "" : `\n${pending}`}
The files are under ${path(directory, "<organization>")}/year=…/month=…/day=…/hour=…/
Check that nothing is missing, doubled or altered:
${audits.join("")}See how the streams stand:
  ${program} status -c ${shellWord(path(directory, "headgate.yaml"))}
Go on where it stopped:
  ${program} demo${directory === "./headgate-demo" ? "" : ` --directory ${folder}`}
`;
}

function pendingText({ organization, status }: DemoStream): string {
  const events = `${plural(status.pending, "event")} of ${organization} ${status.pending === 1 ? "is" : "are"} still pending`;
  const when = status.health.state === "paused" ? "once the stream is resumed (p)" : "when the demo runs again";
  return `${events}: kept, and delivered ${when}.\n`;
}

/** The same for programs. */
export function farewellJson({ streams, directory }: DemoState): string {
  return `${JSON.stringify({ directory, streams: streams.map(({ status, objects }) => ({ ...streamJson(status), objects })) }, undefined, 2)}\n`;
}

/** Keeps a leading `./`, which `join` drops. */
function path(directory: string, name: string): string {
  const joined = join(directory, name);
  return directory.startsWith("./") ? `./${joined}` : joined;
}

function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
