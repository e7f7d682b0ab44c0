import { describe, expect, it } from "vitest";
import { isHeadgateError } from "./errors.ts";
import type { JsonObject } from "./event.ts";
import { compileMapping, type Mapping } from "./mapping.ts";

const minimal = { action: "action", actor: { type: { const: "user" }, id: "actor" } };
const text = '{"action":"a","actor":"u"}';

function map(mapping: Mapping, record: string): ReturnType<Mapping["apply"]>["event"] {
  return mapping.apply(JSON.parse(record) as JsonObject, record, "line 7").event;
}

function failure(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    if (isHeadgateError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("compileMapping", () => {
  it("lists every problem with its path", () => {
    const { code, message } = failure(() =>
      compileMapping({
        actoin: "x",
        actor: { type: 5, nick: "n" },
        targets: {},
        occurred_at: { first: [] },
        id: "a..b",
      }),
    );
    expect(code).toBe("mapping_invalid");
    for (const path of [
      "$.actoin",
      "$.action is missing",
      "$.actor.type",
      "$.actor.nick",
      "$.actor.id is missing",
      "$.targets",
      "$.occurred_at.first",
      "$.id",
    ]) {
      expect(message).toContain(path);
    }
  });

  it.each([
    [null],
    ["action"],
    [[]],
    [{ ...minimal, action: { first: ["a", 5] } }],
    [{ ...minimal, action: { const: "" } }],
    [{ ...minimal, action: { const: "a", first: ["b"] } }],
    [{ ...minimal, action: { from: "a", map: [] } }],
    [{ ...minimal, action: { when: "a", is: [], use: "b" } }],
    [{ ...minimal, action: { digest: "a" } }],
    [{ ...minimal, occurred_at: { const: "yesterday" } }],
    [{ ...minimal, context: "client" }],
    [{ ...minimal, metadata: 5 }],
  ])("refuses %j", (definition) => {
    expect(failure(() => compileMapping(definition)).code).toBe("mapping_invalid");
  });

  it("keeps the whole record as metadata unless told otherwise", () => {
    expect(compileMapping(minimal).apply(JSON.parse(text) as JsonObject, text)).toMatchObject({ metadataJson: text });
    const some = compileMapping({ ...minimal, metadata: { who: "actor" } }).apply(JSON.parse(text) as JsonObject, text);
    expect(some).toEqual({ event: { action: "a", actor: { type: "user", id: "u" }, metadata: { who: "u" } } });
    const part = compileMapping({ ...minimal, metadata: "data" });
    expect(map(part, '{"action":"a","actor":"u","data":{"n":1}}').metadata).toEqual({ n: 1 });
  });
});

describe("a mapping", () => {
  it("names what is missing and the paths tried, and never the content", () => {
    const mapping = compileMapping({ ...minimal, actor: { type: "kind", id: { first: ["actor.login", "sender"] } } });
    const { code, message } = failure(() => map(mapping, '{"action":"hush-hush","actor":{"login":""}}'));
    expect(code).toBe("record_unmappable");
    expect(message).toBe("line 7: the record has nothing for actor.id (tried actor.login, sender).");
  });

  it.each([
    ["actor.id", '{"actor":{"id":"u"}}', "u"],
    ["$.actor.id", '{"actor":{"id":"u"}}', "u"],
    ['["@timestamp"]', '{"@timestamp":"t"}', "t"],
    ["@timestamp", '{"@timestamp":"t"}', "t"],
    ['$["a.b"].c', '{"a.b":{"c":"x"},"a":{"b":{"c":"y"}}}', "x"],
    ["a.b.c", '{"a.b":{"c":"x"},"a":{"b":{"c":"y"}}}', "y"],
    ["['it s'][1].n", '{"it s":[{"n":1},{"n":2}]}', "2"],
    ["list[0][1]", '{"list":[[1,true]]}', "true"],
    ["id", '{"id":12345678901234567890}', "12345678901234567890"],
    ["id", '{"id":0.1000000000000000055511151231257827}', "0.1000000000000000055511151231257827"],
    ["id", '{"id":1.0}', "1"],
    ["__proto__", '{"__proto__":"own"}', "own"],
    ["constructor", '{"constructor":"own"}', "own"],
    ["__proto__.x", '{"__proto__":{"x":"own"}}', "own"],
    ["rawJSON", '{"rawJSON":"own"}', "own"],
  ])("reads %s from %s", (id, record, expected) => {
    const mapping = compileMapping({ action: { const: "a" }, actor: { type: { const: "user" }, id } });
    expect(map(mapping, record).actor.id).toBe(expected);
  });

  it.each([
    "constructor.name",
    "__proto__.constructor.name",
    "toString.name",
    "list.length",
    "name.length",
    "big.rawJSON",
  ])("finds nothing at %s that the record does not hold itself", (id) => {
    const mapping = compileMapping({
      action: { const: "a" },
      actor: { type: { const: "user" }, id: { first: [id, "big"] } },
    });
    const record = '{"list":[1],"name":"n","big":12345678901234567890}';
    expect(map(mapping, record).actor.id).toBe("12345678901234567890");
  });

  it.each(["", ".", "a.", ".a", "a..b", "a[", "a[]", "a[-1]", "a[x]", 'a["x]', "$a[", "a b", "[0]x"])(
    "refuses the path %j",
    (path) => {
      expect(failure(() => compileMapping({ ...minimal, action: path })).code).toBe("mapping_invalid");
    },
  );

  it.each([
    ['"2025-07-16T09:52:30.123Z"', "2025-07-16T09:52:30.123Z"],
    ['"2025-07-16T11:52:30.123456+02:00"', "2025-07-16T09:52:30.123Z"],
    ['"2025-07-16 09:52:30.123000000"', "2025-07-16T09:52:30.123Z"],
    ['"2025-07-16T09:52:30"', "2025-07-16T09:52:30.000Z"],
    ["1752659550123", "2025-07-16T09:52:30.123Z"],
    ["1752659550123.9", "2025-07-16T09:52:30.123Z"],
    ["1752659550", "2025-07-16T09:52:30.000Z"],
    ["1752659550.123", "2025-07-16T09:52:30.123Z"],
    ['"1752659550123"', "2025-07-16T09:52:30.123Z"],
    ['"1752659550"', "2025-07-16T09:52:30.000Z"],
    ["0", "1970-01-01T00:00:00.000Z"],
  ])("reads the time %s", (time, expected) => {
    const mapping = compileMapping({ ...minimal, occurred_at: "t" });
    expect(map(mapping, `{"action":"a","actor":"u","t":${time}}`).occurred_at).toBe(expected);
  });

  it.each(['"redacted"', '"2025-02-30 00:00:00"', "1752659550123456", "-1", "true", "{}", '"2025-07-16"', "1e999"])(
    "does not take %s for a time",
    (time) => {
      const mapping = compileMapping({ ...minimal, occurred_at: { first: ["t", "other"] } });
      const record = `{"action":"a","actor":"u","t":${time}}`;
      expect(failure(() => map(mapping, record)).message).toBe("line 7: what stands at t, other is no time.");
    },
  );

  it("goes on to the next place where the first holds no time, and leaves the time open where there is none", () => {
    const mapping = compileMapping({ ...minimal, occurred_at: { first: ["t", "other"] } });
    const record = '{"action":"a","actor":"u","t":"redacted","other":0}';
    expect(map(mapping, record).occurred_at).toBe("1970-01-01T00:00:00.000Z");
    expect(map(mapping, '{"action":"a","actor":"u","t":null}')).not.toHaveProperty("occurred_at");
  });

  it("translates, joins and chooses", () => {
    const mapping = compileMapping({
      ...minimal,
      action: { first: [{ when: "run", use: { join: [{ const: "run" }, "action"] } }, "action"] },
      outcome: { from: "result", map: { OK: "success", false: "failure" }, default: "unknown" },
      category: { when: "kind", is: ["login", 5], use: { const: "authentication" } },
    });
    const read = (more: string): unknown => map(mapping, `{"action":"a","actor":"u"${more}}`);
    expect(read("")).toEqual({ action: "a", actor: { type: "user", id: "u" }, metadata: { action: "a", actor: "u" } });
    expect(read(',"run":{},"result":"OK","kind":5')).toMatchObject({
      action: "run.a",
      outcome: "success",
      category: "authentication",
    });
    expect(read(',"result":false')).toMatchObject({ outcome: "failure" });
    expect(read(',"result":"constructor"')).toMatchObject({ outcome: "unknown" });
    expect(read(',"run":null,"kind":"other"')).not.toHaveProperty("category");
  });

  it("gives one digest to one text, and another to another", () => {
    const mapping = compileMapping({ ...minimal, id: { join: ["action", { digest: "$" }], with: ":" } });
    const id = map(mapping, text).id;
    expect(id).toMatch(/^a:[0-9a-f]{32}$/);
    expect(map(mapping, text).id).toBe(id);
    expect(map(mapping, `${text} `).id).not.toBe(id);
  });

  it("leaves out targets that the record does not name, and members it does not have", () => {
    const mapping = compileMapping({
      ...minimal,
      targets: [
        { type: { const: "repo" }, id: "repo" },
        { type: "kind", id: "actor", name: "name" },
      ],
      context: { ip: "ip", geo: "geo", nothing: "nothing" },
    });
    const record = '{"action":"a","actor":"u","kind":"user","ip":5,"geo":{"lat":1.50},"nothing":null}';
    const { targets, context } = map(mapping, record);
    expect(targets).toEqual([{ type: "user", id: "u" }]);
    expect(JSON.stringify(context)).toBe('{"ip":"5","geo":{"lat":1.50}}');
  });
});
