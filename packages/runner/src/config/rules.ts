import { addressGuard } from "@headgate/egress";
import { assertPostgresUrl } from "@headgate/store-postgres";
import {
  assertOrganization,
  createPreparer,
  createShapes,
  createWireReader,
  digestSigner,
  hmacPseudonyms,
  hourMs,
  isHeadgateError,
} from "@headgate/core";
import { builtInFormats } from "../formats.ts";
import type { RawConfig } from "./config.ts";
import { oidcProblem } from "./oidc-config.ts";
import type { ConfigPath } from "./problem.ts";
import { channelName, defaultListen, isLoopback, isVaultKey, parseListen, secretsConfig } from "./service-config.ts";
import { sourceTwice, standardInput, strayKeys } from "./source-rules.ts";
import { parseDuration, parseSize } from "./units.ts";

/** Where a rule reports what it found. */
export type Report = (path: ConfigPath, message: string) => void;

/** Looks at a configuration that fits the schema. */
export type Rule = (config: RawConfig, report: Report) => void;

const ofPostgres = ["url", "listen_url", "schema", "ca_file", "max_connections", "allow_insecure_connection"] as const;
const ofSqlite = ["path", "mark"] as const;

const storeKind: Rule = ({ store }, report) => {
  if (store.kind === "nats") {
    report(["store", "kind"], 'is "nats", which is not in this version; use sqlite or postgres');
    return;
  }
  const foreign = [...(store.kind === "sqlite" ? [] : ofSqlite), ...(store.kind === "postgres" ? [] : ofPostgres)];
  for (const key of foreign) {
    if (store[key] !== undefined) report(["store", key], `is not for a ${store.kind} store`);
  }
};

/** What the URL says is looked at without a connection, and nothing of it is repeated. */
const postgresUrls: Rule = ({ store }, report) => {
  if (store.kind !== "postgres") return;
  const allowInsecureConnection = store.allow_insecure_connection === true;
  for (const key of ["url", "listen_url"] as const) {
    const url = store[key];
    if (url === undefined) continue;
    try {
      assertPostgresUrl(url, { allowInsecureConnection });
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      report(
        ["store", key],
        `${error.message.replace(/^The store's url /, "").replace(/\.$/, "")}. ${error.hint ?? ""}`,
      );
    }
  }
};

const streamIds: Rule = ({ streams = [] }, report) => {
  const first = new Map<string, number>();
  for (const [index, { id }] of streams.entries()) {
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, index);
    else
      report(["streams", index, "id"], `"${id}" is taken by streams[${earlier}]; every stream needs an id of its own`);
  }
};

const organizations: Rule = ({ sources = [], streams = [] }, report) => {
  for (const [list, items] of [["sources", sources] as const, ["streams", streams] as const]) {
    for (const [index, { organization }] of items.entries()) {
      try {
        if (typeof organization === "string") assertOrganization(organization);
        else createWireReader({ preparer: createPreparer(), organization });
      } catch (error) {
        if (!isHeadgateError(error)) throw error;
        report(
          [list, index, "organization"],
          typeof organization === "string" ? "must be 1 to 256 characters without control characters" : error.message,
        );
      }
    }
  }
};

const amounts: Rule = ({ streams = [], delivery, retention }, report) => {
  const positive = (path: ConfigPath, text: string | undefined, parse: (text: string) => number | undefined): void => {
    if (text !== undefined && !(Number(parse(text)) > 0)) report(path, "must be more than 0");
  };
  for (const [index, { flush }] of streams.entries()) {
    positive(["streams", index, "flush", "max_age"], flush?.max_age, parseDuration);
    positive(["streams", index, "flush", "max_bytes"], flush?.max_bytes, parseSize);
  }
  positive(["delivery", "memory"], delivery?.memory, parseSize);
  for (const key of ["retry_base", "retry_cap", "blocked_probe", "disconnect_after", "lease_ttl"] as const) {
    positive(["delivery", key], delivery?.[key], parseDuration);
  }
  positive(["retention"], retention, parseDuration);
  const limit = delivery?.give_up_after;
  if (limit !== undefined && (parseDuration(limit) ?? 0) < 86_400_000)
    report(["delivery", "give_up_after"], "must be at least 1d: events of a stream would be lost in a shorter outage");
  if (limit === undefined && delivery?.give_up_paused === true)
    report(["delivery", "give_up_paused"], "needs delivery.give_up_after: without that limit nothing is given up");
};

const listening: Rule = ({ http }, report) => {
  if (http === undefined) return;
  const { listen = defaultListen, tls, behind_proxy: behindProxy } = http;
  const place = parseListen(listen);
  if (place === undefined) report(["http", "listen"], "must be an address and a port, such as 127.0.0.1:8686");
  else if (!isLoopback(place.host) && tls === undefined && behindProxy !== true) {
    report(
      ["http", "listen"],
      "can be reached from elsewhere, where tokens and events would travel in clear; set http.tls, or http.behind_proxy: true where a proxy speaks https",
    );
  }
};

const sealing: Rule = ({ secrets }, report) => {
  if (secrets === undefined) return;
  const keys = [secrets.key, ...(secrets.previous_keys ?? [])];
  for (const [index, key] of keys.entries()) {
    const path: ConfigPath = index === 0 ? ["secrets", "key"] : ["secrets", "previous_keys", index - 1];
    if (!isVaultKey(key)) report(path, "must be 32 bytes, as 64 hexadecimal digits or in base64");
    else if (keys.indexOf(key) < index) report(path, "is the same as an earlier key");
  }
};

const hashing: Rule = ({ pseudonyms }, report) => {
  for (const [index, key] of [pseudonyms?.key, ...(pseudonyms?.previous_keys ?? [])].entries()) {
    if (key === undefined || isVaultKey(key)) continue;
    const path: ConfigPath = index === 0 ? ["pseudonyms", "key"] : ["pseudonyms", "previous_keys", index - 1];
    report(path, "must be 32 bytes, as 64 hexadecimal digits or in base64");
  }
};

/** Each stream's filter, privacy rules and format, checked as they will be when it is declared. */
const shaping: Rule = ({ streams = [], pseudonyms }, report) => {
  const hashes = pseudonyms !== undefined && isVaultKey(pseudonyms.key);
  const options = hashes ? { pseudonyms: hmacPseudonyms(secretsConfig(pseudonyms)) } : {};
  const shapes = createShapes({ formats: builtInFormats, ...options });
  for (const [index, { filter, privacy, format }] of streams.entries()) {
    try {
      shapes.freeze({
        ...(filter && { filter }),
        ...(privacy && { privacy }),
        ...(format !== undefined && { format }),
      });
    } catch (error) {
      if (!isHeadgateError(error, "shape_invalid")) throw error;
      const part = /^(?:filter|privacy|format)/.exec(error.message)?.[0];
      report(
        ["streams", index, ...(part === undefined ? [] : [part])],
        `${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}`,
      );
    }
  }
};

const signing: Rule = ({ digests }, report) => {
  if (digests === undefined) return;
  const signs = (key: string, retired: readonly string[] = []): boolean => {
    try {
      return digestSigner({ key, retired }).keyId !== "";
    } catch {
      return false;
    }
  };
  const every = parseDuration(digests.every ?? "1h") ?? 0;
  if (every < 1000 || every > hourMs) report(["digests", "every"], "must be from a second to an hour");
  if (!signs(digests.key)) return report(["digests", "key"], "must be an Ed25519 private key in PEM");
  for (const [index, key] of (digests.retired_keys ?? []).entries())
    if (!signs(digests.key, [key])) report(["digests", "retired_keys", index], "must be an Ed25519 key in PEM");
};

const issuer: Rule = ({ oidc, http }, report) => {
  const problem = oidc === undefined ? undefined : oidcProblem(oidc, http !== undefined);
  if (problem !== undefined) report(["oidc"], problem);
};

const alertChannels: Rule = ({ alerts }, report) => {
  const taken = new Map<string, number>();
  for (const [index, channel] of (alerts?.channels ?? []).entries()) {
    const name = channelName(channel, index);
    const earlier = taken.get(name);
    if (name === "audit_log") report(["alerts", "channels", index, "name"], "is taken by the organization's own log");
    else if (earlier === undefined) taken.set(name, index);
    else
      report(
        ["alerts", "channels", index, "name"],
        `"${name}" is the name of channels[${earlier}]; give it another one`,
      );
  }
  for (const key of ["every", "lagging", "keep"] as const) {
    if (alerts?.[key] !== undefined && !(Number(parseDuration(alerts[key])) > 0))
      report(["alerts", key], "must be more than 0");
  }
  for (const [index, distance] of (alerts?.reminders ?? []).entries()) {
    if (!(Number(parseDuration(distance)) > 0)) report(["alerts", "reminders", index], "must be more than 0");
  }
};

const addresses: Rule = ({ allowed_addresses = [] }, report) => {
  for (const [index, entry] of allowed_addresses.entries()) {
    try {
      addressGuard({ allow: [entry] });
    } catch {
      report(["allowed_addresses", index], "must be an IP address, or a range such as 10.20.0.0/16");
    }
  }
};

/** What the schema alone cannot say. Each rule reports all that it finds. */
export const rules: readonly Rule[] = [
  storeKind,
  postgresUrls,
  streamIds,
  organizations,
  standardInput,
  sourceTwice,
  strayKeys,
  amounts,
  addresses,
  listening,
  sealing,
  hashing,
  shaping,
  signing,
  issuer,
  alertChannels,
];
