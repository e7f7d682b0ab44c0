import { memoryStore } from "@headgate/core";
import { afterAll, describe, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";
import { event } from "../testing/world.ts";

const memo = memoSink("sealed", { tokenRequired: true });
const { customer: _, ...operatorOnly } = memoSink("private").definition;
const world = createStreamWorld([memo.definition as never, operatorOnly as never]);
afterAll(() => world[Symbol.asyncDispose]());
const { headgate, admin } = world;
const secretText = "hush-hush-9341";
let boxes = 0;
const options = (): { box: string; token: string } => ({ box: `box-${(boxes += 1)}`, token: secretText });

async function created(organization: string, more: object = {}): Promise<string> {
  const { body } = await admin(organization, "POST", "/streams", {
    body: { sink: "sealed", options: options(), ...more },
  });
  return body["id"] as string;
}

describe("creating a stream", () => {
  it("gives it an id and the organization's external id, and shows what was given without the secret", async () => {
    const body = { id: "mine", name: "Lake", sink: "sealed", options: options() };
    expect((await admin("a", "POST", "/streams", { body })).body).toMatchObject({
      code: "request_invalid",
      status: 400,
    });
    const { id: _id, ...good } = body;
    const answer = await admin("a", "POST", "/streams", { body: { ...good, flush: { max_age_seconds: 60 } } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/v1/organizations/a/streams/${String(answer.body["id"])}`);
    expect(answer.body).toMatchObject({
      name: "Lake",
      organization: "a",
      declared: false,
      health: { state: "unverified" },
      options: { box: good.options.box },
      flush: { max_age_seconds: 60 },
      pending: 0,
    });
    expect(JSON.stringify(answer.body)).not.toContain(secretText);
    const { body: setup } = await admin("a", "GET", "/setup");
    const { token, ...kept } = (await headgate.streams.options(answer.body["id"] as string)) as Record<string, unknown>;
    expect(kept).toEqual({ box: good.options.box, externalId: setup["external_id"] });
    expect((token as { reveal(): string }).reveal()).toBe(secretText);
    expect(await world.changes("a")).toEqual([
      'headgate.stream.created api_token {"sink":"sealed","options":["box","token"]}',
    ]);
  });

  it("names each mistake of the options by its path, and stores nothing", async () => {
    const body = { sink: "sealed", options: { box: 5, pepper: 1 } };
    const answer = await admin("b", "POST", "/streams", { body });
    expect(answer.body).toMatchObject({
      status: 400,
      code: "sink_options_invalid",
      problems: [
        { path: "$.options", message: 'lacks "token"' },
        { path: "$.options", message: expect.stringContaining('unknown member "pepper"') as unknown },
        { path: "$.options.box", message: "must be a string, not a number" },
      ],
    });
    expect((await admin("b", "GET", "/streams")).body).toEqual({ streams: [] });
  });

  it("speaks alike of a sink that there is not and of one that is the operator's alone", async () => {
    const ask = async (sink: string): Promise<object> => {
      const { body } = await admin("b", "POST", "/streams", { body: { sink, options: { box: "b" } } });
      return { code: body["code"], detail: body["detail"] };
    };
    expect(await ask("private")).toEqual(await ask("nothing"));
    const codes = [await admin("b", "GET", "/setup/private"), await admin("b", "GET", "/setup/nothing")];
    expect(codes.map(({ status }) => status)).toEqual([404, 404]);
  });

  it("refuses a second stream to the same place", async () => {
    const given = options();
    await admin("c", "POST", "/streams", { body: { sink: "sealed", options: given } });
    const answer = await admin("c", "POST", "/streams", { body: { sink: "sealed", options: given } });
    expect(answer.body).toMatchObject({ status: 409, code: "stream_exists" });
    const other = await admin("d", "POST", "/streams", { body: { sink: "sealed", options: given } });
    expect(other.status).toBe(201);
  });

  it("bounds how many an organization has, but for operators", async () => {
    await using few = createStreamWorld([memo.definition as never], { limits: { streamsPerOrganization: 2 } });
    const create = async (token: string): Promise<number> => {
      const body = { sink: "sealed", options: options() };
      return (await few.ask("POST", "/v1/organizations/c/streams", { token, body })).status;
    };
    const [token, operator] = [await few.token("admin", "c"), await few.token("operator")];
    expect([await create(token), await create(token), await create(token)]).toEqual([201, 201, 409]);
    expect(await create(operator)).toBe(201);
  });

  it("lets only the operator's setting allow insecure endpoints", async () => {
    await using allowing = createStreamWorld([memo.definition as never], { allowInsecureEndpoints: true });
    const insecureOf = async ({ admin: ask, headgate: { streams } }: typeof world): Promise<unknown> => {
      const { body } = await ask("e", "POST", "/streams", { body: { sink: "sealed", options: options() } });
      return ((await streams.options(body["id"] as string)) as Record<string, unknown>)["insecure"];
    };
    expect([await insecureOf(allowing), await insecureOf(world)]).toEqual([true, undefined]);
  });
});

describe("what is shown of options", () => {
  it("never is a secret, even of a sink that gives its secrets away, and nothing where the sink cannot tell", async () => {
    const { definition } = memoSink("leaky");
    const { customer } = definition;
    if (customer === undefined) throw new TypeError("customers can set it up");
    const leaky = { ...definition, customer: { ...customer, given: (kept: object) => ({ ...kept }) } };
    const given = (): never => {
      throw new TypeError("no");
    };
    const broken = { ...definition, type: "broken", customer: { ...customer, given } };
    await using other = createStreamWorld([leaky as never, broken as never]);
    const stored = { box: "b", token: secretText };
    await other.headgate.streams.declare([{ id: "d", organization: "o", sink: "leaky", options: stored }]);
    await other.headgate.streams.create("o", { id: "c", sink: "leaky", options: { ...stored, box: "c" } });
    await other.headgate.streams.create("o", { id: "e", sink: "broken", options: stored });
    const { body } = await other.admin("o", "GET", "/streams");
    const shown = (body["streams"] as { readonly options?: object }[]).map(({ options: one }) => one);
    expect(shown).toEqual([{ box: "c" }, { box: "b" }, undefined]);
  });
});

describe("changing a stream", () => {
  it("takes a secret anew that cannot be opened any more, and asks for it", async () => {
    const store = memoryStore();
    const before = createStreamWorld([memo.definition as never], { store });
    const { box } = options();
    const body = { sink: "sealed", options: { box, token: secretText } };
    const id = String((await before.admin("o", "POST", "/streams", { body })).body["id"]);
    // Its key is another one.
    await using after = createStreamWorld([memo.definition as never], { store });
    const patch = (given: object) => after.admin("o", "PATCH", `/streams/${id}`, { body: { options: given } });
    const refused = await patch({ box });
    expect([refused.status, refused.body["problems"]]).toEqual([
      400,
      [{ path: "$.options", message: 'lacks "token"' }],
    ]);
    expect((await patch({ box, token: "again" })).status).toBe(200);
    expect(await after.headgate.streams.options(id)).toMatchObject({ box });
  });

  it("keeps the secret that is not given again, unless the destination changes", async () => {
    const id = await created("f");
    const { body: before } = await admin("f", "GET", `/streams/${id}`);
    const { box } = before["options"] as { readonly box: string };
    const patch = (given: object) => admin("f", "PATCH", `/streams/${id}`, { body: { options: given } });
    const noted = await patch({ box, note: "left" });
    expect([noted.status, noted.body["options"]]).toEqual([200, { box, note: "left" }]);
    const kept = (await headgate.streams.options(id)) as { readonly token: { reveal(): string } };
    expect(kept.token.reveal()).toBe(secretText);
    expect((await patch({ box: "another" })).body).toMatchObject({ status: 400, code: "sink_options_invalid" });
    expect((await patch({ box: "another", token: "new" })).status).toBe(200);
    expect((await world.changes("f")).slice(1)).toEqual([
      'headgate.stream.updated api_token {"changed":["options.note"]}',
      'headgate.stream.updated api_token {"changed":["options.box","options.note","options.token"]}',
    ]);
  });

  it("changes the name or the flush alone, and leaves a declared stream to its configuration", async () => {
    const id = await created("g");
    const renamed = await admin("g", "PATCH", `/streams/${id}`, { body: { name: "New", flush: { max_events: 7 } } });
    expect(renamed.body).toMatchObject({ name: "New", flush: { max_events: 7 } });
    expect((await admin("g", "PATCH", `/streams/${id}`, { body: {} })).status).toBe(400);
    await headgate.streams.declare([
      { id: "declared", organization: "g", sink: "private", options: { box: "declared", token: secretText } },
      { id: "declared-too", organization: "g", sink: "sealed", options: { box: "declared-too", token: secretText } },
    ] as never);
    const shown = await admin("g", "GET", "/streams/declared");
    expect([shown.body["declared"], shown.body["options"]]).toEqual([true, undefined]);
    const patched = await admin("g", "PATCH", "/streams/declared", { body: { name: "Mine" } });
    const deleted = await admin("g", "DELETE", "/streams/declared");
    expect([patched.body["code"], deleted.body["code"]]).toEqual(["stream_declared", "stream_declared"]);
    const paused = await admin("g", "POST", "/streams/declared-too/pause");
    expect(paused.body).toMatchObject({ health: { state: "paused" } });
  });

  it("leaves a stream whose sink is the operator's alone to operators, though it carries the organization's log", async () => {
    const mine = { sink: "private", options: { box: "platform-archive" } } as never;
    const { id } = await headgate.streams.create("q", mine);
    for (const [method, path] of [
      ["POST", `/streams/${id}/pause`],
      ["DELETE", `/streams/${id}?abandon_pending=true`],
    ] as const)
      expect((await admin("q", method, path)).body).toMatchObject({ status: 403, code: "forbidden" });
    expect((await headgate.streams.get(id))?.paused).toBe(false);
    const token = await world.token("operator");
    const paused = await world.ask("POST", `/v1/organizations/q/streams/${id}/pause`, { token });
    expect(paused.status).toBe(200);
  });

  it("pauses and resumes, and records a change only where there is one", async () => {
    const id = await created("h");
    const state = async (what: string): Promise<unknown> =>
      ((await admin("h", "POST", `/streams/${id}/${what}`)).body["health"] as { readonly state: string }).state;
    const states = [await state("pause"), await state("pause"), await state("resume"), await state("resume")];
    expect(states).toEqual(["paused", "paused", "unverified", "unverified"]);
    expect((await world.changes("h")).slice(1)).toEqual([
      "headgate.stream.paused api_token {}",
      "headgate.stream.resumed api_token {}",
    ]);
  });
});

describe("deleting a stream", () => {
  it("wants to hear that what is pending is given up, and tells how much it was", async () => {
    const id = await created("i", { from: "now" });
    await headgate.append("i", [event("one") as never, event("two") as never]);
    const refused = await admin("i", "DELETE", `/streams/${id}`);
    // The record of its own creation is pending too.
    expect(refused.body).toMatchObject({ status: 409, code: "request_invalid" });
    expect(refused.body["detail"]).toContain("3 events");
    const { body } = await admin("i", "DELETE", `/streams/${id}?abandon_pending=true`);
    expect(body).toMatchObject({ deleted: true, pending: 3, quarantined: 0 });
    expect((await admin("i", "GET", `/streams/${id}`)).status).toBe(404);
    expect((await world.changes("i")).at(-1)).toContain("headgate.stream.deleted api_token");
  });
});

describe("lists of streams", () => {
  it("page, search and filter by state, each page with a cursor of its own question", async () => {
    const made: (readonly [id: string, name: string])[] = [];
    for (const name of ["Red", "Green", "Redder"]) {
      made.push([await created("j", { name, paused: name !== "Green" }), name]);
    }
    // Ids of the same millisecond come in any order.
    const inOrder = made.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
    const reds = inOrder.filter((name) => name !== "Green");
    const list = async (query: string) => (await admin("j", "GET", `/streams${query}`)).body;
    const names = (body: object): unknown => (body as { streams: { name: string }[] }).streams.map(({ name }) => name);
    expect(names(await list("?search=RED"))).toEqual(reds);
    expect(names(await list("?state=paused"))).toEqual(reds);
    expect(names(await list("?state=active&state=unverified"))).toEqual(["Green"]);
    const first = await list("?limit=2");
    const cursor = String(first["next_cursor"]);
    const second = await list(`?limit=2&cursor=${cursor}`);
    expect([names(first), names(second), second["next_cursor"]]).toEqual([
      inOrder.slice(0, 2),
      inOrder.slice(2),
      undefined,
    ]);
    expect((await list(`?limit=2&search=red&cursor=${cursor}`))["code"]).toBe("request_invalid");
    expect((await admin("a", "GET", `/streams?cursor=${cursor}`)).body["code"]).toBe("request_invalid");
    expect((await list("?state=deleted"))["code"]).toBe("request_invalid");
  });
});

describe("what belongs to somebody else", () => {
  it("is answered in the same words as what does not exist", async () => {
    const id = await created("k");
    const paths = [
      ["GET", ""],
      ["GET", "/status"],
      ["PATCH", ""],
      ["DELETE", ""],
      ["POST", "/pause"],
      ["POST", "/resume"],
      ["POST", "/verify"],
      ["GET", "/deliveries"],
      ["GET", "/quarantine"],
      ["GET", "/quarantine/1"],
      ["POST", "/quarantine/1/retry"],
      ["POST", "/quarantine/1/discard"],
      ["POST", "/quarantine/retry"],
      ["POST", "/quarantine/discard"],
    ] as const;
    for (const [method, path] of paths) {
      const asked = method === "PATCH" ? { body: { name: "x" } } : {};
      const foreign = await admin("l", method, `/streams/${id}${path}`, asked);
      const invented = await admin("l", method, `/streams/${"0".repeat(8)}${path}`, asked);
      const { request_id: _1, ...one } = foreign.body;
      const { request_id: _2, ...two } = invented.body;
      expect([path, foreign.status, one]).toEqual([path, 404, two]);
    }
  });
});
