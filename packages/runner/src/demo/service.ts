import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  aesVault,
  type Clock,
  createHeadgate,
  digestSigner,
  type DeliveryObserver,
  type Headgate,
  HeadgateError,
  type SinkDefinition,
  systemClock,
} from "@headgate/core";
import { catalog } from "@headgate/example-catalog-ci";
import { sqliteStore } from "@headgate/store-sqlite";
import { secretsConfig } from "../config/service-config.ts";
import { runnerSinks } from "../sinks.ts";
import { type DemoOrganization, streamIdOf, streamNameOf } from "./organizations.ts";
import type { DemoSettings } from "./settings.ts";

/** The demo's Headgate: an embedded store and a file stream for each organization. */
export type DemoHeadgate = Headgate<readonly SinkDefinition[], typeof catalog>;

const keyFile = "secrets.key";
const signingFile = "digests.pem";

/** Whether an earlier demo has left its store in the folder. */
export function hasPast({ directory }: DemoSettings): boolean {
  return existsSync(join(resolve(directory), "headgate.db"));
}

/** Makes the folder, the store in it and the streams. @throws `file_unwritable` */
export async function openService(
  { directory, flushMs = 5000 }: DemoSettings,
  organizations: readonly DemoOrganization[],
  observer: DeliveryObserver,
  clock: Clock = systemClock,
): Promise<DemoHeadgate> {
  const root = resolve(directory);
  writeFolder(root, organizations, flushMs);
  const headgate: DemoHeadgate = createHeadgate({
    store: sqliteStore({ path: join(root, "headgate.db"), clock }),
    sinks: runnerSinks(),
    catalog,
    unknownActions: "refuse",
    observer,
    clock,
    // Streams that are connected in the console may hold secrets.
    vault: aesVault(secretsConfig({ key: readFileSync(join(root, keyFile), "utf8") })),
    digests: { signer: digestSigner({ key: readFileSync(join(root, signingFile), "utf8") }), everyMs: 60_000 },
    // A platform waits longer; here a person does.
    delivery: {
      retry: { baseMs: 500, capMs: 4000, blockedMs: 3000 },
      disconnectAfterMs: 15_000,
      leaseTtlMs: 5000,
      pollMs: 500,
    },
    alerts: { settings: { everyMs: 2000, quietMs: 10_000 } },
  });
  try {
    await headgate.streams.declare(
      organizations.map((organization) => ({
        id: streamIdOf(organization),
        name: streamNameOf(organization),
        organization: organization.id,
        sink: "file",
        options: { directory: join(root, organization.id) },
        flush: { maxAgeMs: flushMs },
      })),
    );
    return headgate;
  } catch (error) {
    await headgate[Symbol.asyncDispose]();
    throw error;
  }
}

/** A configuration of the same store and streams lies beside them, so that the other commands can be tried on it. */
function writeFolder(root: string, organizations: readonly DemoOrganization[], flushMs: number): void {
  const file = join(root, "headgate.yaml");
  try {
    mkdirSync(root, { recursive: true });
    if (!existsSync(file)) writeFileSync(file, configuration(organizations, flushMs));
    const key = join(root, keyFile);
    if (!existsSync(key)) writeFileSync(key, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
    const signing = join(root, signingFile);
    if (!existsSync(signing)) {
      const { privateKey } = generateKeyPairSync("ed25519");
      writeFileSync(signing, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new HeadgateError("file_unwritable", `The demo's folder ${root} cannot be written (${code}).`, {
      hint: "Choose another one with --directory.",
      cause,
    });
  }
}

function configuration(organizations: readonly DemoOrganization[], flushMs: number): string {
  const age = flushMs % 1000 === 0 ? `${flushMs / 1000}s` : `${flushMs}ms`;
  const streams = organizations.map(
    (organization) =>
      `  - { id: ${streamIdOf(organization)}, name: ${streamNameOf(organization)}, organization: ${organization.id}, sink: file, options: { directory: ./${organization.id} }, flush: { max_age: ${age} } }\n`,
  );
  return `# The demo's store and streams, for the other commands: headgate status -c headgate.yaml\nstore: { kind: sqlite, path: ./headgate.db }\nsecrets: { key: "\${file:secrets.key}" }\ndigests: { key: "\${file:digests.pem}", every: 1m }\nstreams:\n${streams.join("")}`;
}
