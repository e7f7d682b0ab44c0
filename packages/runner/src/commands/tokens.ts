import { createTokens, type NewToken, type Role, type TokenInfo, type Tokens } from "@headgate/api";
import type { Headgate } from "@headgate/core";
import { parseDuration } from "../config/units.ts";
import { commandConfig, embedded, storedView } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { timeText } from "../terminal/numbers.ts";
import { tableText } from "../terminal/table.ts";
import { type Command, configOption, defineCommand, exitCode, needed, UsageError } from "./command.ts";
import { recordOperatorChange } from "./operator-record.ts";

const roles: readonly Role[] = ["ingest", "viewer", "admin", "operator"];

const create: Command = defineCommand({
  description:
    "Makes a bearer token for the API and the console, and prints it this once: only a hash of it is kept. Roles are ingest (append events), viewer (read), admin (all of its organization) and operator (all organizations). A runner at work knows it at once.",
  options: {
    ...configOption,
    organization: {
      type: "string",
      value: "ORG",
      description: "Organization that it reaches; an operator's has none.",
    },
    role: { type: "string", value: "ROLE", description: `What it may do: ${roles.join(", ")}.` },
    name: {
      type: "string",
      value: "NAME",
      description: "What it is for; stands in the audit log as the actor's name.",
    },
    expires: { type: "string", value: "TIME", description: "Valid for so long, e.g. 90d. Default: until revoked." },
  },
  examples: [
    "headgate tokens create -c headgate.yaml --organization acme --role admin --name console --expires 90d",
    "headgate tokens create -c headgate.yaml --role operator --name on-call",
  ],
  async run({ values, terminal }) {
    const wanted = newToken(values);
    const { store, allowedAddresses } = commandConfig(values.config, "store");
    await using headgate = embedded(configuredStore(store), { allowedAddresses });
    const { token, ...info } = await createTokens({ headgate }).create(wanted);
    await record(headgate, "headgate.token.created", info);
    await terminal.print(values.json === true ? `${JSON.stringify({ ...tokenJson(info), token })}\n` : `${token}\n`);
    if (values.json !== true) terminal.note(`Token ${info.id} is made. Keep it now: it is not shown again.`);
    return exitCode.done;
  },
});

function newToken(values: {
  readonly role?: string;
  readonly name?: string;
  readonly organization?: string;
  readonly expires?: string;
}): NewToken {
  const role = roles.find((known) => known === values.role);
  if (role === undefined) throw new UsageError(`--role must be one of ${roles.join(", ")}.`);
  const name = needed(values.name, "--name NAME");
  if (name.length > 100) throw new UsageError("--name must be 1 to 100 characters.");
  if (role === "operator" && values.organization !== undefined)
    throw new UsageError("An operator's token reaches all organizations: leave out --organization.");
  const organization = role === "operator" ? undefined : needed(values.organization, "--organization ORG");
  const ms = values.expires === undefined ? undefined : parseDuration(values.expires);
  if (values.expires !== undefined && (ms === undefined || ms === 0))
    throw new UsageError("--expires must be a duration such as 90d.");
  return {
    name,
    role,
    ...(organization !== undefined && { organization }),
    ...(ms !== undefined && { expiresAt: Date.now() + ms }),
  };
}

const list: Command = defineCommand({
  description: "Lists the bearer tokens, without their secrets, which are not kept.",
  options: {
    ...configOption,
    organization: { type: "string", value: "ORG", description: "Only the tokens of this organization." },
  },
  examples: ["headgate tokens list -c headgate.yaml"],
  async run({ values, terminal }) {
    await using view = await storedView(values.config);
    const tokens = await allTokens(createTokens({ headgate: view.headgate }), values.organization);
    const rows = tokens.map(({ id, name, role, organization, createdAt, lastUsedOn, expiresAt }) => [
      id,
      name,
      role,
      organization ?? "-",
      timeText(createdAt),
      lastUsedOn ?? "never",
      expiresAt === undefined ? "never" : timeText(expiresAt),
    ]);
    await terminal.print(
      values.json === true
        ? `${JSON.stringify({ tokens: tokens.map(tokenJson) }, undefined, 2)}\n`
        : rows.length === 0
          ? "There are no tokens.\n"
          : tableText(["TOKEN", "NAME", "ROLE", "ORGANIZATION", "CREATED", "LAST USED", "EXPIRES"], rows),
    );
    return exitCode.done;
  },
});

async function allTokens(tokens: Tokens, organization: string | undefined): Promise<readonly TokenInfo[]> {
  const all: TokenInfo[] = [];
  for (let after: string | undefined; ;) {
    const page = await tokens.list({
      limit: 500,
      ...(after !== undefined && { after }),
      ...(organization !== undefined && { organization }),
    });
    all.push(...page);
    after = page.at(-1)?.id;
    if (page.length < 500) return all;
  }
}

const revoke: Command = defineCommand({
  description: "Ends a bearer token for good. A runner at work takes it for another 5 seconds at most.",
  positionals: "TOKEN-ID",
  maxPositionals: 1,
  options: { ...configOption },
  examples: ["headgate tokens revoke -c headgate.yaml 5f8d2c0a91b3"],
  async run({ values, positionals, terminal }) {
    const id = needed(positionals[0], "The token's id");
    if (id.startsWith("hg_"))
      throw new UsageError("Name the token by its id, never by itself. See headgate tokens list.");
    await using view = await storedView(values.config);
    const tokens = createTokens({ headgate: view.headgate });
    const info = await tokens.get(id);
    if (info === undefined || !(await tokens.revoke(id)))
      throw new UsageError(`There is no token "${id}". See headgate tokens list.`);
    await record(view.headgate, "headgate.token.revoked", info);
    await terminal.print(
      values.json === true ? `${JSON.stringify(tokenJson(info))}\n` : `Token ${id} (${info.name}) is revoked.\n`,
    );
    return exitCode.done;
  },
});

/** What was done stands in the organization's own log, as it does when the API does it. */
async function record(headgate: Pick<Headgate, "appendPrepared">, action: string, info: TokenInfo): Promise<void> {
  const { organization, id, name, role } = info;
  if (organization === undefined) return;
  const target = { type: "headgate.token", id, name };
  await recordOperatorChange(headgate, { action, organization, target, metadata: { role } });
}

/** As the API shows a token. */
function tokenJson(info: TokenInfo): object {
  const { id, name, role, organization, createdAt, lastUsedOn, expiresAt } = info;
  const time = (instant: number): string => new Date(instant).toISOString();
  return {
    id,
    name,
    role,
    ...(organization !== undefined && { organization }),
    created_at: time(createdAt),
    ...(lastUsedOn !== undefined && { last_used_on: lastUsedOn }),
    ...(expiresAt !== undefined && { expires_at: time(expiresAt) }),
  };
}

/** `headgate tokens …`. */
export const tokensCommands: Readonly<Record<string, Command>> = { create, list, revoke };
