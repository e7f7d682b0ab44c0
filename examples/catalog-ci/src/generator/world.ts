import type { Random } from "@headgate/core";
import { createDraw, type Draw } from "./draw.ts";
import * as names from "./names.ts";

/** What members may do: owners all, viewers look. */
export type Role = "owner" | "admin" | "developer" | "viewer";

/** A member with habits. */
export interface Person {
  readonly id: string;
  readonly name: string;
  role: Role;
  /** How busy this one is, compared to others. */
  readonly weight: number;
  /** Where they usually come from. */
  readonly addresses: readonly [string, ...string[]];
  readonly browser: string;
  readonly method: "password" | "sso" | "passkey" | "vcs_oauth";
  factor: "totp" | "passkey" | "security_key" | undefined;
  /** The projects they work on. */
  readonly projects: readonly [Project, ...Project[]];
  session: { readonly id: string; readonly address: string; readonly since: number; seen: number } | undefined;
  /** Unix ms; until then every sign-in is refused. */
  lockedUntil: number;
  signingIn: boolean;
  member: boolean;
}

/** A repository that is built. */
export interface Project {
  readonly id: string;
  readonly name: string;
  pipelines: number;
  release: number;
  readonly variables: Set<string>;
  readonly keys: string[];
  visibility: "private" | "internal" | "public";
}

/** A set of secrets that projects share. */
export interface SecretContext {
  readonly id: string;
  readonly name: string;
  readonly secrets: Set<string>;
  restrictedTo: "everyone" | "groups" | "projects";
}

/** A machine that runs jobs. */
export interface Runner {
  readonly id: string;
  readonly name: string;
  readonly resourceClass: string;
  minor: number;
}

/** One organization as the generator knows it. */
export interface World {
  readonly organization: { readonly id: string; readonly name?: string };
  readonly draw: Draw;
  readonly people: Person[];
  readonly projects: readonly [Project, ...Project[]];
  readonly contexts: readonly [SecretContext, ...SecretContext[]];
  readonly runners: Runner[];
  readonly machines: readonly [
    { readonly id: string; readonly name: string },
    ...{ readonly id: string; readonly name: string }[],
  ];
  sso: "off" | "optional" | "required";
}

/** Makes an organization with a few dozen members, who differ in how busy they are and in what they work on. */
export function createWorld(organization: World["organization"], population: Random, random: Random): World {
  const draw = createDraw(population);
  const projects = draw.some(names.repositories, 6, 10).map((name) => createProject(draw, name));
  const world: World = {
    organization,
    draw: createDraw(random),
    people: [],
    projects: projects as [Project, ...Project[]],
    contexts: names.contextNames.map((name) => ({
      id: draw.id("ctx"),
      name,
      secrets: new Set(draw.some(names.secretNames, 2, 5)),
      restrictedTo: draw.pick(["everyone", "groups", "projects"]),
    })) as [SecretContext, ...SecretContext[]] & SecretContext[],
    runners: Array.from({ length: draw.integer(6, 12) }, () => createRunner(draw)),
    machines: [
      { id: draw.id("svc"), name: "release-bot" },
      { id: draw.id("svc"), name: "dependency-updates" },
      { id: draw.id("svc"), name: "directory-sync" },
    ],
    sso: "optional",
  };
  const count = draw.integer(26, 40);
  for (let i = 0; i < count; i++) {
    const role = i === 0 ? "owner" : i < 4 ? "admin" : draw.chance(0.15) ? "viewer" : "developer";
    world.people.push(createPerson({ draw, projects: world.projects }, role));
  }
  return world;
}

function createProject(draw: Draw, name: string): Project {
  return {
    id: draw.id("prj"),
    name,
    pipelines: draw.integer(40, 9000),
    release: draw.integer(10, 400),
    variables: new Set(draw.some(names.variableNames, 1, 4)),
    keys: [draw.fingerprint()],
    visibility: "private",
  };
}

/** A new member. */
export function createPerson({ draw, projects }: Pick<World, "draw" | "projects">, role: Role): Person {
  const address = (): string =>
    draw.chance(0.15)
      ? `2001:db8:${draw.hex(3)}::${draw.hex(4)}`
      : `${draw.pick(names.networks)}.${draw.integer(1, 254)}`;
  return {
    id: draw.id("usr"),
    name: `${draw.pick(names.firstNames)} ${draw.pick(names.lastNames)}`,
    role,
    weight: draw.spread(1, 12),
    addresses: draw.chance(0.4) ? [address(), address()] : [address()],
    browser: draw.pick(names.browsers),
    method: draw.weighted([
      ["sso", 6],
      ["vcs_oauth", 2],
      ["passkey", 2],
      ["password", 2],
    ] as const),
    factor: draw.chance(0.75) ? draw.pick(["totp", "passkey", "security_key"] as const) : undefined,
    projects: draw.some(projects, 1, 3) as [Project, ...Project[]],
    session: undefined,
    lockedUntil: 0,
    signingIn: false,
    member: true,
  };
}

/** A new machine. */
export function createRunner(draw: Draw): Runner {
  const resourceClass = draw.pick(names.resourceClasses);
  return {
    id: draw.id("run"),
    name: `${resourceClass.replace(".", "-")}-${draw.hex(4)}`,
    resourceClass,
    minor: draw.integer(2, 9),
  };
}

/** A member in one of these roles, busy ones more often. Undefined where there is none. */
export function somebody(world: World, ...roles: readonly Role[]): Person | undefined {
  const candidates = world.people.filter(({ member, role }) => member && (roles.length === 0 || roles.includes(role)));
  if (candidates.length === 0) return undefined;
  return world.draw.weighted(candidates.map((person) => [person, person.weight] as const));
}
