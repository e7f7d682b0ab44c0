import { isIP } from "node:net";
import type { AuditEvent, EventFormat, FormatEncoder } from "@headgate/core";
import { versionedFormat } from "./format-version.ts";
import { type Meaning, meaningOf, type Verb } from "./meaning.ts";
import { type ProductOptions, productOf } from "./product.ts";

type Frozen = Required<ProductOptions>;

/**
 * The Elastic Common Schema, version 9.4. What it has no field for is under `headgate`, a namespace of its own.
 *
 * @example
 * ```ts
 * const format = ecsFormat({ product: "Acme CI", vendor: "Acme" });
 * ```
 */
export function ecsFormat(options: ProductOptions = {}): EventFormat {
  return versionedFormat<Frozen>({ name: "ecs", title: "ECS 9.4", versions: { 1: versionOne } }, productOf(options));
}

const versionOne = ({ product, vendor }: Frozen): FormatEncoder => {
  return (event) => {
    const { id, occurred_at: time, organization, action, category, outcome, actor, targets, context } = event;
    const meaning = meaningOf(event);
    const { ip, user_agent: agent, request_id: request, ...rest } = context ?? {};
    const categories = categoriesOf(meaning);
    const [subject] = meaning.users;
    const [group] = meaning.groups;
    return JSON.stringify({
      "@timestamp": time,
      ecs: { version: "9.4.0" },
      event: {
        kind: "event",
        id,
        sequence: event.sequence,
        action,
        category: categories,
        type: typesOf(meaning, categories, outcome),
        outcome:
          outcome === undefined || outcome === "unknown" ? "unknown" : outcome === "success" ? "success" : "failure",
        reason: outcome === "denied" ? "denied" : undefined,
        module: "headgate",
        dataset: "headgate.audit",
        provider: product,
      },
      message: action,
      observer: { product, vendor },
      organization: { id: organization.id, name: organization.name },
      user: {
        id: actor.id,
        name: actor.name,
        target: subject === undefined ? undefined : { id: subject.id, name: subject.name },
      },
      group: group === undefined ? undefined : { id: group.id, name: group.name },
      source: ip === undefined || ip === "" ? undefined : { address: ip, ip: isIP(ip) === 0 ? undefined : ip },
      user_agent: agent === undefined ? undefined : { original: agent },
      http: request === undefined ? undefined : { request: { id: request } },
      headgate: {
        schema_version: event.schema_version,
        category,
        outcome,
        actor: { type: actor.type },
        targets,
        context: Object.keys(rest).length === 0 ? undefined : rest,
        metadata: event.metadata,
      },
    });
  };
};

/** Values that ECS allows, and those that go together: each category takes some types only. */
function categoriesOf({ about, verb }: Meaning): readonly string[] {
  switch (about) {
    case "authentication":
      return verb === "logon" || verb === "logoff" ? ["authentication", "session"] : ["authentication"];
    case "group":
    case "privilege":
    case "user":
      return ["iam"];
    case "configuration":
      return ["configuration"];
    case "other":
      return ["api"];
  }
}

const iamTypes: Partial<Record<Verb, string>> = { create: "creation", delete: "deletion" };
const apiTypes: Partial<Record<Verb, string>> = { ...iamTypes, read: "access" };

function typesOf(
  { about, verb }: Meaning,
  categories: readonly string[],
  outcome: AuditEvent["outcome"],
): readonly string[] {
  if (verb === undefined) return ["info"];
  switch (about) {
    case "authentication":
      return categories.length === 1 ? ["info"] : [verb === "logon" ? "start" : "end"];
    case "group":
    case "user":
      return [about, verb === "read" ? "info" : (iamTypes[verb] ?? "change")];
    case "privilege":
      return ["admin", verb === "read" ? "info" : (iamTypes[verb] ?? "change")];
    case "configuration":
      return [apiTypes[verb] ?? "change"];
    case "other":
      return [apiTypes[verb] ?? "change", ...(outcome === "denied" ? ["denied"] : [])];
  }
}
