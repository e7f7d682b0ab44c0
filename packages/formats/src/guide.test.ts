import { readFileSync } from "node:fs";
import type { AuditEvent, EventFormat } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { cefFormat } from "./cef-format.ts";
import { cloudEventsFormat } from "./cloudevents-format.ts";
import { ecsFormat } from "./ecs-format.ts";
import { ocsfFormat } from "./ocsf/ocsf-format.ts";

const guide = readFileSync(new URL("../../../docs/guides/formats.md", import.meta.url), "utf8");

function sample(heading: string): string {
  const section = guide.split(`\n## ${heading}`)[1] ?? "";
  return /```\w+\n(.*?)\n```/s.exec(section)?.[1] ?? "";
}

describe("the guide to formats", () => {
  const event = JSON.parse(sample("Native")) as AuditEvent;
  it.each<[string, EventFormat]>([
    ["OCSF", ocsfFormat()],
    ["ECS", ecsFormat()],
    ["CEF", cefFormat()],
    ["CloudEvents", cloudEventsFormat()],
  ])("shows %s as it is written", (heading, format) => {
    const written = format.encoder(format.encoding)?.(event) ?? "";
    const shown = sample(heading);
    expect(shown.startsWith("{") ? JSON.stringify(JSON.parse(shown)) : shown).toBe(written);
  });
});
