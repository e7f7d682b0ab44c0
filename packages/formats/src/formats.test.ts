import type { AuditEvent, EventFormat, JsonObject, JsonValue } from "@headgate/core";
import { createShapes } from "@headgate/core";
import { CloudEvent } from "cloudevents";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cefFormat } from "./cef-format.ts";
import { cloudEventsFormat } from "./cloudevents-format.ts";
import { ecsFormat } from "./ecs-format.ts";
import { ocsfFormat } from "./ocsf/ocsf-format.ts";
import { parseCef } from "./testing/cef-parse.ts";
import { cloudEventsProblems } from "./testing/cloudevents-check.ts";
import { ecsProblems } from "./testing/ecs-check.ts";
import { ocsfProblems } from "./testing/ocsf-check.ts";
import { dataFolder, realEvents, realKinds } from "./testing/real-records.ts";
import { samples } from "./testing/samples.ts";

const formats: readonly EventFormat[] = [ocsfFormat(), ecsFormat(), cefFormat(), cloudEventsFormat()];

function write(format: EventFormat, event: AuditEvent): string {
  const encode = format.encoder(format.encoding);
  if (encode === undefined) throw new Error("a format must know its own encoding");
  return encode(event);
}

function json(format: EventFormat, event: AuditEvent): JsonObject {
  return JSON.parse(write(format, event)) as JsonObject;
}

/**
 * What must stand in a line. Texts are compared, and not what they are read as: the engine takes some escaped names for
 * others that it has seen before, https://github.com/nodejs/node/issues/63785.
 */
function metadataText({ metadata }: AuditEvent): string {
  return metadata === undefined ? "" : `"metadata":${JSON.stringify(metadata)}`;
}

/** What each official schema has against an event in its form, and what an auditor must be able to read of it. */
const checks: Readonly<Record<string, (event: AuditEvent) => readonly unknown[]>> = {
  ocsf: (event) => {
    const written = json(formats[0] as EventFormat, event);
    expect(written).toMatchObject({
      time: Date.parse(event.occurred_at),
      metadata: { uid: event.id, sequence: event.sequence, tenant_uid: event.organization.id, version: "1.8.0" },
    });
    expect(write(formats[0] as EventFormat, event)).toContain(metadataText(event));
    return ocsfProblems(written);
  },
  ecs: (event) => {
    const written = json(formats[1] as EventFormat, event);
    expect(written).toMatchObject({
      "@timestamp": event.occurred_at,
      event: { id: event.id, sequence: event.sequence, action: event.action },
      organization: { id: event.organization.id },
    });
    expect(write(formats[1] as EventFormat, event)).toContain(metadataText(event));
    return ecsProblems(written);
  },
  cef: (event) => {
    const { version, header, extension } = parseCef(write(formats[2] as EventFormat, event));
    expect(version).toBe("CEF:0");
    expect(header.slice(0, 5)).toEqual(["Headgate", "Headgate", "1", event.action, event.action]);
    expect(Object.fromEntries(extension)).toMatchObject({
      externalId: event.id,
      cn1: String(event.sequence),
      cn1Label: "sequence",
      cs1: event.organization.id,
      cs1Label: "organization",
      rt: String(Date.parse(event.occurred_at)),
      suid: event.actor.id,
    });
    expect(extension.get("cs6")).toBe(JSON.stringify(event.metadata));
    return [];
  },
  cloudevents: (event) => {
    const written = json(formats[3] as EventFormat, event);
    // The vendor's own library checks by the official JSON schema, and throws.
    const read = new CloudEvent(written, true);
    const inPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]|\\u\{/u.test(text);
    if (inPlain(event.id)) expect(read.id).toBe(event.id);
    if (inPlain(event.organization.id)) expect(read["organization"]).toBe(event.organization.id);
    expect(Number(read["sequence"])).toBe(event.sequence);
    expect(Date.parse(read.time ?? "")).toBe(Date.parse(event.occurred_at));
    expect(write(formats[3] as EventFormat, event)).toContain(`"data":${JSON.stringify(event)}`);
    return cloudEventsProblems(written);
  },
};

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom("=", "|", "\\", "\n", "\r", '"', " ", "a", "cs1=", "\u2028", "\u0000"),
    maxLength: 12,
  }),
);
/** What the event's schema allows in an id, and some forms do not: halves of surrogate pairs, C1, no characters. */
const odd = fc.string({
  unit: fc.constantFrom("\ud800", "\udfff", "\u0085", "\ufffe", "\u2028", "=", "|", "a"),
  maxLength: 5,
});
const short = fc.oneof(
  text.map((one) => `a${one.replaceAll(/\p{Cc}/gu, "")}`),
  odd.map((one) => `a${one}`),
);
const party = fc.record(
  { type: fc.oneof(fc.constantFrom("user", "role", "team", "service_account"), short), id: short, name: text },
  { requiredKeys: ["type", "id"] },
);
const words = fc.constantFrom(
  "user",
  "group",
  "team",
  "role",
  "login",
  "logout",
  "create",
  "deleted",
  "add",
  "member",
  "mfa",
  "password",
  "session",
  "settings",
  "grant",
  "revoked",
  "read",
  "lock",
  "x",
  "Ünï",
  "auth",
);
/** As a stored line holds it: there is no minus zero in one. */
const storedValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const hostile = fc.record(
  {
    schema_version: fc.constant(1 as const),
    id: short,
    occurred_at: fc.constant("2026-11-26T20:00:07.123Z"),
    organization: fc.record({ id: short, name: text }, { requiredKeys: ["id"] }),
    action: fc.oneof(
      short,
      fc.array(words, { minLength: 1, maxLength: 4 }).map((some) => some.join(".")),
    ),
    category: fc.oneof(fc.constantFrom("authentication", "configuration", "access", "data"), short),
    outcome: fc.constantFrom("success", "failure", "denied", "unknown"),
    actor: party,
    targets: fc.array(party, { maxLength: 3 }),
    context: fc.record(
      { ip: fc.oneof(text, fc.ipV4(), fc.ipV6()), user_agent: text, request_id: text, other: storedValue },
      { requiredKeys: [] },
    ),
    metadata: fc.dictionary(
      text.filter((name) => name !== "__proto__"),
      storedValue,
    ),
    sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ["schema_version", "id", "occurred_at", "organization", "action", "actor", "sequence"] },
) as fc.Arbitrary<AuditEvent>;

describe.each(Object.entries(checks))("%s", (name, check) => {
  const format = formats.find((one) => one.name === name) as EventFormat;

  it("writes what the official schema takes, of events of every kind", () => {
    for (const event of samples) expect([event.action, check(event)]).toEqual([event.action, []]);
  });

  it("does so for hostile events, one line each, and the same each time", () => {
    const again = createShapes({ formats }).shaper({ format: name, encoding: format.encoding }, "org_1");
    fc.assert(
      fc.property(hostile, (event) => {
        expect(check(event)).toEqual([]);
        const line = write(format, event);
        expect(line).not.toMatch(/[\r\n]/);
        const stored = Buffer.from(JSON.stringify(event));
        const outgoing = { line: stored, sequence: 1, occurredAt: 0, parse: () => event };
        expect(Buffer.from(again?.(outgoing)?.formatted ?? []).toString()).toBe(Buffer.from(line).toString());
      }),
      { numRuns: 500 },
    );
  });

  it("keeps its bytes: whoever changes one of them raises the version", async () => {
    const [current = "", options = ""] = format.encoding.split(/ (.*)/s);
    for (let version = 1; version <= Number(current); version++) {
      const encode = format.encoder(`${version} ${options}`);
      const lines = samples.map((event) => encode?.(event)).join("\n");
      await expect(`${lines}\n`).toMatchFileSnapshot(`testing/golden/${name}-${version}.txt`);
    }
  });

  it("ends a window under the options that it was sealed with, and takes no encoding that it does not know", () => {
    const [version = "", options = ""] = format.encoding.split(/ (.*)/s);
    const other = `${version} ${options.replace("Headgate", "Elsewhere").replace("dev.headgate", "com.elsewhere")}`;
    expect(other).not.toBe(format.encoding);
    expect(format.encoder(other)?.(samples[0] as AuditEvent)).toMatch(/[Ee]lsewhere/);
    for (const unknown of ["", "1", "999 {}", "1 nonsense", `constructor ${options}`, `-1 ${options}`])
      expect(format.encoder(unknown)).toBeUndefined();
  });

  describe.skipIf(dataFolder === undefined)("of real records", () => {
    it.each(realKinds)("of %s writes what the official schema takes", (kind) => {
      const events = realEvents(kind);
      expect(events.length).toBeGreaterThan(50);
      for (const event of events) expect([event.action, check(event)]).toEqual([event.action, []]);
    });
  });
});

describe("the class of an event in OCSF", () => {
  const known = samples.map((event) => {
    const { class_uid: uid, activity_id: activity } = json(ocsfFormat(), event);
    return [event.action, uid, activity];
  });

  it("follows what the action says", () => {
    expect(known).toEqual([
      ["user.login", 3002, 1],
      ["user.signed_out", 3002, 2],
      ["user.session.impersonation.grant", 3002, 99],
      ["user.account.reset_password", 3001, 4],
      ["user.mfa.factor.deactivate", 3001, 11],
      ["org.member.invited", 3001, 1],
      ["team.add_member", 3006, 3],
      ["group.deleted", 3006, 5],
      ["user.role.assigned", 3005, 1],
      ["context.secrets.accessed", 3004, 2],
      ["pipeline.triggered", 6003, 99],
      ["v1.compute.subnetworks.patch", 6003, 3],
    ]);
  });

  it("is what the platform says of an action, unless the event holds too little for it", () => {
    const format = ocsfFormat({
      actions: { "pipeline.triggered": { class: "api", activity: 1 }, "user.login": { class: "group", activity: 3 } },
    });
    expect(json(format, samples[10] as AuditEvent)).toMatchObject({ class_uid: 6003, activity_id: 1 });
    expect(json(format, samples[0] as AuditEvent)).toMatchObject({ class_uid: 3002, activity_id: 1 });
  });

  it.skipIf(dataFolder === undefined)("is found for many real records", () => {
    const classes = realKinds.flatMap(realEvents).map((event) => json(ocsfFormat(), event)["class_uid"]);
    const count = (uid: number): number => classes.filter((one) => one === uid).length;
    expect({
      3001: count(3001),
      3002: count(3002),
      3004: count(3004),
      3005: count(3005),
      3006: count(3006),
      6003: count(6003),
    }).toMatchInlineSnapshot(`
      {
        "3001": 17,
        "3002": 12,
        "3004": 89,
        "3005": 2,
        "3006": 3,
        "6003": 169,
      }
    `);
  });
});

describe("the checks themselves", () => {
  const written = json(ocsfFormat(), samples[0] as AuditEvent);

  it.each<[string, JsonObject]>([
    ["user is required", { ...written, user: undefined as never }],
    ["needs one of service dst_endpoint", { ...written, service: undefined as never }],
    ["mood is unknown", { ...written, mood: 1 }],
    ["type_uid must be 300201, not 1", { ...written, type_uid: 1 }],
    ["severity_id: 7", { ...written, severity_id: 7 }],
    ["src_endpoint.ip must be ip_t", { ...written, src_endpoint: { ip: "x" } }],
    ["no class 1", { ...written, class_uid: 1 }],
  ])("of OCSF see that %s", (problem, broken) => {
    expect(ocsfProblems(broken)).toContain(problem.startsWith("needs") ? ` ${problem}` : problem);
  });

  it("of ECS see unknown fields, wrong types and values that do not go together", () => {
    const good = json(ecsFormat(), samples[0] as AuditEvent);
    const event = good["event"] as JsonObject;
    expect(ecsProblems({ ...good, mood: 1 })).toEqual(["mood is no field"]);
    expect(ecsProblems({ ...good, event: { ...event, sequence: "1" } })).toEqual(["event.sequence must be long"]);
    expect(ecsProblems({ ...good, event: { ...event, category: ["iam"] } })).toEqual([
      "event.type start does not go with category iam",
    ]);
  });

  it("of CloudEvents see what the JSON schema of events cannot say", () => {
    const good = json(cloudEventsFormat(), samples[0] as AuditEvent);
    expect(cloudEventsProblems(good)).toEqual([]);
    for (const wrong of [
      { id: undefined as never },
      { id: "" },
      { id: "a\ud800" },
      { type: "a\u0085" },
      { subject: "\ufffe" },
      { source: "urn:a b" },
      { source: "urn:%zz" },
      { specversion: "1.1" },
      { sequence: 1 },
      { Organization: "x" },
      { a_b: "x" },
      { averylongnameofanattribute: "x" },
      { time: "2026-11-26" },
      { data_base64: "" },
    ])
      expect([wrong, cloudEventsProblems({ ...good, ...wrong })]).not.toEqual([wrong, []]);
  });

  it("of CEF see bars and equals signs that nothing escapes", () => {
    expect(parseCef(String.raw`CEF:0|a\|b|c|1|d|e|3|x=1\=2 y=a\\`).extension.get("x")).toBe("1=2");
    expect(() => parseCef("CEF:0|a|b|c")).toThrow("ends early");
    expect(() => parseCef("CEF:0|a|b|1|d|e|3|x=1==2")).toThrow("equals sign");
  });
});
