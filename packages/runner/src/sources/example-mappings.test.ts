import { compileMapping, createPreparer, memoryStore, type AuditEvent } from "@headgate/core";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fileSource } from "./file-source.ts";

const folder = process.env["HEADGATE_DATA"];
const required = process.env["HEADGATE_REQUIRE_SERVICES"] === "1";
const definition = (name: string): unknown =>
  parse(readFileSync(new URL(`../../../../examples/mappings/${name}.yaml`, import.meta.url), "utf8"));

type Json = Record<string, unknown>;
const at = (record: unknown, ...keys: (string | number)[]): unknown =>
  keys.reduce<unknown>((value, key) => (value as Json | null | undefined)?.[key], record);
const some = (...values: unknown[]): string | undefined => {
  const found = values.find((value) => (typeof value === "string" && value !== "") || typeof value === "number");
  return found === undefined ? undefined : `${found as string | number}`;
};

/** What the mapping should make of a record, told by plain code: no event where action or actor is undefined. */
interface Expected {
  readonly action: string | undefined;
  readonly actor: string | undefined;
  /** As the record has it. */
  readonly time: unknown;
}

function github(record: Json): Expected {
  const action = some(record["action"]);
  const about = ["workflow_job", "workflow_run", "review", "comment", "issue", "pull_request"].find(
    (key) => key in record,
  );
  const names: Record<string, string> = { review: "pull_request_review" };
  const thing =
    about === undefined
      ? action === "created" || action === "deleted"
        ? "repository"
        : undefined
      : (names[about] ?? about);
  const wiki = some(at(record, "pages", 0, "action"));
  const written =
    action === "submitted"
      ? at(record, "review", "user", "login")
      : action === "created"
        ? at(record, "comment", "user", "login")
        : action === "opened"
          ? (at(record, "issue", "user", "login") ?? at(record, "pull_request", "user", "login"))
          : undefined;
  const dated =
    action === "created"
      ? at(record, "comment", "created_at")
      : action === "opened"
        ? (at(record, "issue", "created_at") ?? at(record, "pull_request", "created_at"))
        : undefined;
  return {
    action:
      action === undefined
        ? "commits" in record
          ? "push"
          : wiki === undefined
            ? undefined
            : `wiki_page.${wiki}`
        : thing === undefined
          ? action
          : `${thing}.${action}`,
    actor: some(record["actor"], at(record, "sender", "login"), at(record, "pusher", "name"), written),
    time: some(
      record["@timestamp"],
      record["created_at"],
      record["at_sign_timestamp"],
      record["p_event_time"],
      at(record, "workflow_job", "completed_at"),
      at(record, "workflow_job", "started_at"),
      at(record, "review", "submitted_at"),
      dated,
    ),
  };
}

function okta(record: Json): Expected {
  return {
    action: some(record["eventType"], record["eventtype"]),
    actor: some(at(record, "actor", "id"), record["actorId"]),
    time: some(record["published"], record["p_event_time"]),
  };
}

function gcpAudit(record: Json): Expected {
  const payload = record["protoPayload"] ?? record["protopayload"];
  const who = at(payload, "authenticationInfo");
  return {
    action: some(at(payload, "methodName"), at(payload, "authorizationInfo", 0, "permission")),
    actor: some(at(who, "principalEmail"), at(who, "principalSubject")),
    time: some(
      record["timestamp"],
      at(payload, "timestamp"),
      record["receiveTimestamp"],
      record["receivetimestamp"],
      record["p_event_time"],
      at(payload, "requestMetadata", "requestAttributes", "time"),
    ),
  };
}

/** Unix ms, NaN where it is no time. `Date.parse` alone takes seconds of eight digits for one. */
function instantOf(time: unknown): number {
  const text = String(time);
  if (/^\d+$/.test(text)) return Number(text);
  if (!/\d\d:\d\d:\d\d(\.\d+)?Z?$/.test(text)) return Number.NaN;
  return Date.parse(text.endsWith("Z") ? text : `${text}Z`);
}

describe("examples/mappings", () => {
  it.each(["github", "okta", "gcp_audit"])("%s.yaml is a mapping", (name) => {
    expect(() => compileMapping(definition(name), name)).not.toThrow();
  });

  const missing = folder === undefined || !existsSync(folder);
  if (missing && required) throw new Error("HEADGATE_DATA must name the folder of the real records.");

  describe.skipIf(missing)("on the real records (skipped unless HEADGATE_DATA names their folder)", () => {
    it.each([
      ["github", github],
      ["okta", okta],
      ["gcp_audit", gcpAudit],
    ] as const)("maps or sets apart each record of %s", async (name, expectedOf) => {
      const path = join(folder as string, `${name}.ndjson`);
      const records = readFileSync(path, "utf8").split("\n").slice(0, -1);
      const expected = records.map((text) => expectedOf(JSON.parse(text) as Json));
      const isEvent = ({ action, actor, time }: Expected): boolean =>
        action !== undefined && actor !== undefined && (time === undefined || !Number.isNaN(instantOf(time)));

      const store = memoryStore();
      const mapping = compileMapping(definition(name), name);
      const now = Date.UTC(2026, 10, 23);
      const preparer = createPreparer({ clock: { now: () => now, after: () => () => {} } });
      const append = async (organization: string, batch: Parameters<typeof store.journal.append>[1]) =>
        store.journal.append(organization, batch);
      const summary = await fileSource({ path, organization: "acme", mapping }, { store, append, preparer }).run();

      const accepted = expected.filter(isEvent).length;
      console.log(`${name}: ${summary.read} records, ${summary.accepted} mapped, ${summary.rejected} set apart`);
      expect(summary).toEqual({ read: records.length, accepted, duplicates: 0, rejected: records.length - accepted });

      const lines: string[] = [];
      for await (const group of store.journal.read("acme", { after: 0 })) {
        lines.push(...Buffer.from(group.body).toString().trimEnd().split("\n"));
      }
      const rejected = new Map((await store.quarantine.rejected()).map((one) => [one.line, one]));
      for (const [i, text] of records.entries()) {
        const { action, actor, time } = expected[i] as Expected;
        if (!isEvent(expected[i] as Expected)) {
          const { content, reason } = rejected.get(i + 1) ?? {};
          expect(Buffer.from(content ?? []).toString()).toBe(text);
          expect(reason).toMatchObject({
            code: "record_unmappable",
            message: expect.stringContaining(`line ${i + 1}: `) as string,
          });
          continue;
        }
        const line = lines.shift() as string;
        expect(line.slice(line.indexOf(',"metadata":'), line.lastIndexOf(',"sequence":'))).toBe(`,"metadata":${text}`);
        const event = JSON.parse(line) as AuditEvent;
        expect([event.action, event.actor.id]).toEqual([action, actor]);
        expect(event.actor.type).not.toBe("");
        expect(event.occurred_at).toBe(new Date(time === undefined ? now : instantOf(time)).toISOString());
      }
      expect(lines).toEqual([]);
    });
  });
});
