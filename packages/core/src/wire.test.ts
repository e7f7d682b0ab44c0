import { describe, expect, it } from "vitest";
import { isHeadgateError } from "./errors.ts";
import { compileMapping } from "./mapping.ts";
import { createPreparer } from "./prepare.ts";
import { createWireReader, type WireReaderOptions } from "./wire.ts";

const mapping = compileMapping({ action: "action", actor: { type: { const: "user" }, id: "actor" } });
const preparer = createPreparer({
  clock: { now: () => Date.UTC(2026, 0), after: () => () => {} },
  mintId: () => "minted",
});

function read(line: string | Uint8Array, options: Partial<WireReaderOptions> = {}): string {
  const reader = createWireReader({ preparer, organization: "org_1", ...options });
  const { event } = reader.read(typeof line === "string" ? Buffer.from(line) : line, { at: "line 3" });
  return `${Buffer.from(event.stub).toString()}}`;
}

function refusal(line: string | Uint8Array, options: Partial<WireReaderOptions> = {}): string {
  try {
    read(line, options);
  } catch (error) {
    if (isHeadgateError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

const head =
  '{"schema_version":1,"id":"minted","occurred_at":"2026-01-01T00:00:00.000Z","organization":{"id":"org_1"},"action":"a","actor":{"type":"user","id":"u"}';
const event = (more: string): string => `{"action":"a","actor":{"type":"user","id":"u"}${more}}`;

describe("createWireReader", () => {
  it.each([
    ['{"n":12345678901234567890,"f":0.1000000000000000055,"e":1e400,"z":-0,"o":1.0}'],
    ['{"__proto__":{"polluted":true},"constructor":1}'],
    [String.raw`{"lone":"\ud800","nul":"\u0000","slash":"\/","\u006detadata":"q\"\\"}`],
    ['{"a":1,"a":2}'],
    ['{ "spaced" : [ 1 , { } ] }'],
    ['{"metadata":{"metadata":[":{}",","]}}'],
  ])("keeps metadata %s to the byte, in native and in foreign records", (metadata) => {
    expect(read(event(`,"metadata":${metadata}`))).toBe(`${head},"metadata":${metadata}}`);
    const foreign = `{"action":"a","actor":"u","more":${metadata}}`;
    expect(read(`  ${foreign}\r`, { mapping })).toBe(`${head},"metadata":${foreign}}`);
  });

  it("keeps the digits of numbers in the context", () => {
    const context = '{"n":12345678901234567890,"list":[1.0,1e3,5]}';
    expect(read(event(`,"context":${context}`))).toBe(`${head},"context":${context}}`);
  });

  it("turns line breaks between the tokens of metadata into blanks", () => {
    expect(read(event(',"metadata":{\r"a":1}'))).toBe(`${head},"metadata":{ "a":1}}`);
  });

  it.each([
    [event(',"action":"b"')],
    [event(',"context":{"a":{"b":1,"b":2}}')],
    [event(String.raw`,"metadata":{},"metadat\u0061":{}`)],
    [event(String.raw`,"context":{"a":1,"\u0061":2}`)],
    ['{"action" :"a","action" :"b","actor":{"type":"user","id":":"}}'],
  ])("refuses a member that stands twice in %s", (line) => {
    expect(refusal(line)).toMatch(/^event_invalid: line 3: an object of the event names the same member twice/);
  });

  it.each([
    ['{"secret":"hush"', "character 17 on, where , or } was expected"],
    ['{"secret":hush}', "character 11 on, where value was expected"],
    ["hush", "character 1 on, where value was expected"],
    ['{"a":01}', "character 7 on, where , or } was expected"],
    ['{"a":1}{}', "character 8 on, where nothing more was expected"],
    ['{"a":"\u0001hush"}', "character 6 on, where value was expected"],
    ["{'a':1}", "character 2 on, where key or } was expected"],
    ["[1,]", "character 4 on, where value was expected"],
  ])("says where %j stops being JSON, and never what it says", (line, where) => {
    const message = refusal(line);
    expect(message).toBe(`event_invalid: line 3: this is not JSON from ${where}.`);
    expect(message).not.toContain("hush");
  });

  it.each(["[]", "5", '"text"', "null"])("refuses %s, which is no object", (line) => {
    expect(refusal(line)).toBe("event_invalid: line 3: must be one JSON object.");
  });

  it("refuses bytes that are not UTF-8", () => {
    const line = Buffer.concat([Buffer.from('{"action":"'), Buffer.of(0xff), Buffer.from('"}')]);
    expect(refusal(line)).toBe("event_invalid: line 3: the bytes are not UTF-8.");
  });

  it("takes text nested 100,000 deep as it is, and refuses it where numbers would have to be kept one by one", () => {
    const deep = `${"[".repeat(100_000)}1${"]".repeat(100_000)}`;
    expect(read(event(`,"metadata":{"d":${deep}}`))).toBe(`${head},"metadata":{"d":${deep}}}`);
    expect(read(`{"action":"a","actor":"u","d":${deep}}`, { mapping })).toContain(deep);
    expect(refusal(event(`,"context":{"d":${deep}}`))).toMatch(/^event_invalid: line 3: .*nested too deeply/);
    const deepId = `{"action":"a","actor":12345678901234567890,"d":${deep}}`;
    expect(refusal(deepId, { mapping })).toMatch(/^event_invalid: line 3: .*nested too deeply/);
  });

  it("takes the organization from the source, from a path, or from the event", () => {
    const named = event(',"organization":{"id":"org_2"}');
    const bytes = Buffer.from(named);
    expect(createWireReader({ preparer }).read(bytes).organization).toBe("org_2");
    expect(refusal(named)).toContain("$.organization.id");
    const foreign = Buffer.from('{"action":"a","actor":"u","org":{"no":12345678901234567890}}');
    const reader = createWireReader({ preparer, mapping, organization: { from: "org.no" } });
    expect(reader.read(foreign).organization).toBe("12345678901234567890");
    expect(() => reader.read(Buffer.from('{"action":"a","actor":"u"}'))).toThrow("names no organization at org.no");
    expect(() => createWireReader({ preparer, mapping })).toThrow("whose records");
    expect(() => createWireReader({ preparer, organization: { from: "a..b" } })).toThrow("no path");
  });

  it("carries the organization's display name", () => {
    const named = compileMapping({
      action: "action",
      actor: { type: { const: "user" }, id: "actor" },
      organization_name: "org",
    });
    expect(read('{"action":"a","actor":"u","org":"Acme"}', { mapping: named })).toContain(
      '"organization":{"id":"org_1","name":"Acme"}',
    );
  });

  it("derives an id only for records that bring none", () => {
    const reader = createWireReader({ preparer, organization: "org_1" });
    const deriveId = (): string => "derived";
    expect(reader.read(Buffer.from(event("")), { deriveId }).event).toMatchObject({ id: "derived", idGiven: true });
    expect(reader.read(Buffer.from(event(',"id":"own"')), { deriveId }).event).toMatchObject({
      id: "own",
      idGiven: true,
    });
    expect(reader.read(Buffer.from(event(""))).event).toMatchObject({ id: "minted", idGiven: false });
  });
});
