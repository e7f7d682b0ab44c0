import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canaryOf,
  createTenancyWorld,
  stateOf,
  type TenancyWorld,
  type Tenant,
  type TenantPrincipal,
  tenants,
  type Things,
} from "../testing/tenancy-world.ts";

const numRuns = Number(process.env["HEADGATE_TENANCY_RUNS"] ?? 200);

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly operationId: string;
}

/** A request whose ids are still numbers: which of those that there are is settled when it is made. */
interface Wish {
  readonly operation: number;
  readonly principal: number;
  /** Mostly its own organization, so that it gets past the door. */
  readonly organization: number;
  /** Whose things the request names: mostly its own. */
  readonly whose: number;
  readonly pick: number;
  readonly accept: string;
  readonly given: readonly string[];
  readonly search: number;
  readonly limit: number;
  readonly body: number;
}

const wishes: Arbitrary<readonly Wish[]> = fc.array(
  fc.record({
    operation: fc.nat(),
    principal: fc.nat(),
    organization: fc.nat({ max: 9 }),
    whose: fc.nat({ max: 9 }),
    pick: fc.nat(),
    accept: fc.constantFrom("application/json", "application/x-ndjson", "text/csv", "text/event-stream", "*/*"),
    given: fc.array(
      fc.constantFrom(
        "cursor",
        "limit",
        "search",
        "q",
        "stream",
        "open",
        "order",
        "abandon_pending",
        "actor",
        "after_sequence",
      ),
      { maxLength: 4 },
    ),
    search: fc.nat(),
    limit: fc.integer({ min: 1, max: 4 }),
    body: fc.nat(),
  }),
  { minLength: 1, maxLength: 12 },
);

function operationsOf({ api }: TenancyWorld): readonly Operation[] {
  const { paths } = api.openapi as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Pick<Operation, "operationId" | "parameters">>>>>;
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId, parameters }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      operationId,
    })),
  );
}

const pickOf = <T>(from: readonly T[], i: number): T => from[i % from.length] as T;

/** What an answer says, as far as it goes: of live ones all that comes at once. */
async function textOf(response: Response): Promise<string> {
  const headers = JSON.stringify([...response.headers]);
  if (response.headers.get("content-type") !== "text/event-stream") return headers + (await response.text());
  let text = "";
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (let result = await reader.read(); !result.done; result = await reader.read()) {
    text += new TextDecoder().decode(result.value);
    if (text.includes("event: alerts")) break;
  }
  await reader.cancel();
  return headers + text;
}

interface Sent {
  readonly principal: TenantPrincipal;
  /** In the path, if there is one. */
  readonly organization: string | undefined;
  readonly method: string;
  readonly target: string;
  readonly body: object | undefined;
  readonly accept: string;
}

function sentOf(world: TenancyWorld, operations: readonly Operation[], wish: Wish): Sent {
  const { method, path, parameters, operationId } = pickOf(operations, wish.operation);
  const admins = world.principals.filter(({ role }) => role === "admin");
  const principal = pickOf([...world.principals, ...admins, ...admins, ...admins], wish.principal);
  const ownMostly = Array.from({ length: 7 }, () => principal.organization);
  const { streams, alerts, tokens, cursors } = world.things.get(
    pickOf([...tenants, ...ownMostly], wish.whose),
  ) as Things;
  const ids: Readonly<Record<string, string>> = {
    organization: pickOf([...tenants, "nobody", ...ownMostly], wish.organization),
    stream: pickOf([...streams, "invented"], wish.pick),
    alert: pickOf([...alerts, "01981f2e-7c1a-7f3e-9a51-3d0c5f1b2a77"], wish.pick),
    token: pickOf([...tokens, "0".repeat(32)], wish.pick),
    sequence: String(1 + (wish.pick % 12)),
    sink: pickOf(["memo", "memo", "nothing"], wish.pick),
  };
  const values: Readonly<Record<string, string>> = {
    cursor: pickOf(cursors, wish.search),
    limit: String(wish.limit),
    search: pickOf(["canary", ...tenants.map(canaryOf), ...tenants], wish.search),
    q: pickOf(["canary", ...tenants.map(canaryOf)], wish.search),
    stream: pickOf(streams, wish.pick),
    open: pickOf(["true", "false"], wish.search),
    order: pickOf(["asc", "desc"], wish.search),
    abandon_pending: "true",
    actor: `${canaryOf(pickOf(tenants, wish.search))}-actor`,
    after_sequence: String(wish.search % 9),
  };
  const query = parameters
    .filter((parameter) => parameter.in === "query" && wish.given.includes(parameter.name))
    .map(({ name }) => `${name}=${encodeURIComponent(values[name] ?? "")}`);
  const own = canaryOf(principal.organization);
  // A caller that names somebody else's box itself would be told of it with good reason.
  const options = { box: `${own}-${wish.body % 5}`, ...(wish.body % 2 === 0 && { token: "t" }) };
  const bodies: Readonly<Record<string, object>> = {
    createStream: { sink: "memo", options, name: own, paused: wish.pick % 2 === 0 },
    updateStream: wish.pick % 2 === 0 ? { name: `${own} renamed` } : { options },
    makeSetup: { options },
    verifySetup: { options, ...(wish.pick % 2 === 0 && { stream: ids["stream"] }) },
    createToken: { name: "a token", role: "viewer" },
    replayStream: { into: pickOf([...streams, "invented"], wish.search) },
    appendEvents: [{ action: "user.login", actor: { type: "user", id: own } }],
  };
  return {
    principal,
    organization: path.includes("{organization}") ? ids["organization"] : undefined,
    method,
    target:
      path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? "")) +
      (query.length > 0 ? `?${query.join("&")}` : ""),
    body: bodies[operationId],
    accept: wish.accept,
  };
}

/** Sequences that one world goes through before it is made anew: it takes longer to make than they do. */
const sequencesPerWorld = 10;

describe("whatever an organization asks for", () => {
  it("no answer holds anything of another one, and nothing of another one changes", async () => {
    const counts = new Map<number, number>();
    let world = await createTenancyWorld();
    let sequences = 0;

    let lives = await followAll(world);

    async function play(wish: Wish): Promise<void> {
      const { principal, organization, method, target, body, accept } = sentOf(world, operationsOf(world), wish);
      const { token } = principal;
      const others = tenants.filter((tenant) => tenant !== principal.organization);
      const about = [principal.organization, principal.role, method, target] as const;
      const before = await statesOf(world, others);
      const response = await world.ask(method, target, { token, headers: { accept }, ...(body && { body }) });
      const text = await textOf(response);
      counts.set(response.status, (counts.get(response.status) ?? 0) + 1);
      const leaked = others.flatMap(
        (other) => world.canaries.get(other)?.filter((canary) => text.includes(canary)) ?? [],
      );
      expect([...about, leaked]).toEqual([...about, []]);
      expect([...about, await statesOf(world, others)]).toEqual([...about, before]);
      // 401: an admin has revoked the token.
      const foreign = organization !== undefined && organization !== principal.organization;
      expect([...about, foreign && ![401, 404].includes(response.status)]).toEqual([...about, false]);
      expect([...about, response.status < 500]).toEqual([...about, true]);
    }

    await fc.assert(
      fc.asyncProperty(wishes, async (sequence) => {
        if ((sequences += 1) % sequencesPerWorld === 0) {
          await world[Symbol.asyncDispose]();
          world = await createTenancyWorld();
          lives = await followAll(world);
        }
        for (const wish of sequence) await play(wish);
        expect(lives.map((live) => live.leaked(world))).toEqual([[], [], []]);
      }),
      // What came before has left its traces, so a shorter sequence would fail for reasons of its own.
      { numRuns, endOnFailure: true },
    );
    await world[Symbol.asyncDispose]();
    // The test would be worth nothing if all requests ended at the door.
    const passed = (counts.get(200) ?? 0) + (counts.get(201) ?? 0) + (counts.get(202) ?? 0);
    expect(passed).toBeGreaterThan(numRuns);
  });

  it("summaries asked for at the same moment are each of the organization's own streams", async () => {
    await using world = await createTenancyWorld();
    await world.admin("globex", "POST", "/streams", { body: { sink: "memo", options: { box: "one-more" } } });
    const totals = await Promise.all(
      [...tenants, "nobody"].map(async (organization) => {
        const { body } = await world.admin(organization, "GET", "/status");
        return (body["streams"] as { readonly total: number }).total;
      }),
    );
    expect(totals).toEqual([3, 3, 4, 0]);
  });

  it("its own admin sees its own mark in all of these places, so that the other test looks where something is", async () => {
    await using world = await createTenancyWorld();
    const places = ["/streams", "/alerts", "/tokens", "/events", "/live"];
    const own = await world.headgate.streams.list({ organization: "acme" });
    const more = own.flatMap(({ id }) => [`/streams/${id}/quarantine`, `/streams/${id}/deliveries`]);
    const token =
      world.principals.find(({ organization, role }) => organization === "acme" && role === "admin")?.token ?? "";
    const seen = await Promise.all(
      [...places, ...more].map(async (path) => {
        const text = await textOf(await world.ask("GET", `/v1/organizations/acme${path}`, { token }));
        return [path, text.includes(canaryOf("acme"))] as const;
      }),
    );
    const blank = seen.filter(([, found]) => !found).map(([path]) => path.replace(/[0-9a-f-]{36}/, "id"));
    // The blocked stream has set nothing apart.
    expect(blank).toEqual(["/streams/id/quarantine"]);
    const { alerts, cursors } = world.things.get("acme") as Things;
    expect([alerts.length > 0, cursors.length > 4]).toEqual([true, true]);
  });
});

interface Live {
  /** What of others has been told so far. */
  leaked(world: TenancyWorld): readonly string[];
}

/** Follows the live status of each organization, all at the same time, until its world ends. */
function followAll(world: TenancyWorld): Promise<readonly Live[]> {
  return Promise.all(
    tenants.map(async (tenant) => {
      const token = world.principals.find(({ organization }) => organization === tenant)?.token ?? "";
      const response = await world.ask("GET", `/v1/organizations/${tenant}/live`, { token });
      const begun = Promise.withResolvers<void>();
      let text = "";
      const read = async (): Promise<void> => {
        for await (const part of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
          text += part;
          if (text.includes("event: alerts")) begun.resolve();
        }
      };
      void read().catch(begun.reject);
      await begun.promise;
      const others = tenants.filter((other) => other !== tenant);
      return {
        leaked: ({ canaries }) =>
          others.flatMap((other) => canaries.get(other)?.filter((canary) => text.includes(canary)) ?? []),
      };
    }),
  );
}

async function statesOf(world: TenancyWorld, organizations: readonly Tenant[]): Promise<readonly string[]> {
  return Promise.all(organizations.map((organization) => stateOf(world, organization)));
}
