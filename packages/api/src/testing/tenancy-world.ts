import type { Headgate } from "@headgate/core";
import { externalIdOf } from "../streams/external-id.ts";
import type { Role } from "../principal.ts";
import { memoSink } from "./memo-sink.ts";
import { createStreamWorld, type StreamWorld } from "./stream-world.ts";

/** The organizations that share a world. One id begins with another: a prefix is not a name. */
export const tenants = ["acme", "acme-2", "globex"] as const;
export type Tenant = (typeof tenants)[number];

/** Who asks. */
export interface TenantPrincipal {
  readonly organization: Tenant;
  readonly role: Role;
  readonly token: string;
}

/** What is an organization's, by id. */
export interface Things {
  readonly streams: readonly string[];
  readonly alerts: readonly string[];
  readonly tokens: readonly string[];
  /** From answers to its admin. */
  readonly cursors: readonly string[];
}

/** A world in which every organization has something in every place, all of it marked. */
export interface TenancyWorld extends StreamWorld {
  readonly principals: readonly TenantPrincipal[];
  readonly things: ReadonlyMap<Tenant, Things>;
  /** Texts that no other organization may ever see. */
  readonly canaries: ReadonlyMap<Tenant, readonly string[]>;
}

/** A text that stands in everything that people have put into an organization. */
export const canaryOf = (tenant: Tenant): string => `canary${tenants.indexOf(tenant)}x${tenant.length}`;

const roles = ["admin", "viewer", "ingest"] as const;

/** Makes one: streams that deliver, that are blocked and that are declared, a quarantine, alerts, tokens, external ids. */
export async function createTenancyWorld(): Promise<TenancyWorld> {
  const world = createStreamWorld([memoSink().definition as never]);
  const { headgate } = world;
  for (const tenant of tenants) await plant(headgate, tenant);
  await headgate.drain();
  await headgate.alerts.evaluate();
  // What changes from now on is changed by requests.
  await headgate.stop();

  const principals: TenantPrincipal[] = [];
  const canaries = new Map<Tenant, readonly string[]>();
  const things = new Map<Tenant, Things>();
  for (const organization of tenants) {
    const streams = (await headgate.streams.list({ organization })).map(({ id }) => id);
    const alerts = (await headgate.alerts.list({ organization })).map(({ id }) => id);
    const tokens: string[] = [];
    for (const role of roles) {
      const name = `${canaryOf(organization)} ${role}`;
      const { id, token } = await world.api.tokens.create({ name, role, organization });
      principals.push({ organization, role, token });
      tokens.push(id);
    }
    const cursors = await cursorsOf(world, organization, streams);
    things.set(organization, { streams, alerts, tokens, cursors });
    const own = principals.filter((principal) => principal.organization === organization);
    const ids = [...streams, ...alerts, ...tokens, ...own.map(({ token }) => token)];
    canaries.set(organization, [canaryOf(organization), await externalIdOf(headgate, organization), ...ids]);
  }
  return { ...world, principals, things, canaries };
}

async function plant(headgate: Headgate, tenant: Tenant): Promise<void> {
  const canary = canaryOf(tenant);
  const streams = [
    { id: "delivers", options: { box: `${canary}-shelf`, note: `${canary}-note`, token: `${canary}-token` } },
    { id: "blocked", options: { box: `blocked-${canary}` } },
  ];
  for (const { id, options } of streams) {
    await headgate.streams.create(tenant, { name: `${canary}-${id}`, sink: "memo", options });
  }
  // A configuration declares all of its streams together.
  const known = tenants.slice(0, tenants.indexOf(tenant) + 1);
  await headgate.streams.declare(
    known.map((organization) => {
      const id = `${canaryOf(organization)}-declared`;
      return { id, organization, name: id, sink: "memo", options: { box: `${id}-box` } };
    }),
  );
  const events = Array.from({ length: 6 }, (_, i) => ({
    id: `${canary}-${i}`,
    action: `${i % 2 === 0 ? "poison" : "user"}.${canary}`,
    actor: { type: "user", id: `${canary}-actor`, name: canary },
    targets: [{ type: "thing", id: `${canary}-target` }],
    metadata: { note: canary },
  }));
  await headgate.append(tenant, events);
}

async function cursorsOf(
  world: StreamWorld,
  organization: string,
  streams: readonly string[],
): Promise<readonly string[]> {
  const lists = [
    "/streams",
    "/alerts",
    "/tokens",
    "/events",
    ...streams.flatMap((id) => [`/streams/${id}/deliveries`, `/streams/${id}/quarantine`]),
  ];
  const cursors: string[] = [];
  for (const path of lists) {
    const { body } = await world.admin(organization, "GET", `${path}?limit=1`);
    if (typeof body["next_cursor"] === "string") cursors.push(body["next_cursor"]);
  }
  return cursors;
}

/** All that is stored of an organization, as one text. */
export async function stateOf(
  { headgate, api }: Pick<TenancyWorld, "headgate" | "api">,
  organization: Tenant,
): Promise<string> {
  const { store } = headgate;
  const records = await store.streams.list({ organization });
  const parts = await Promise.all(
    records.map(async ({ id }) => [
      await store.streams.health(id),
      await store.checkpoints.get(id),
      (await store.quarantine.list(id)).map(({ sequence, state }) => [sequence, state]),
      await store.deliveries.list(id),
    ]),
  );
  return JSON.stringify([
    records,
    parts,
    await store.journal.head(organization),
    await api.tokens.list({ organization }),
    await store.documents.get("external_ids", organization),
    await headgate.alerts.list({ organization }),
  ]);
}
