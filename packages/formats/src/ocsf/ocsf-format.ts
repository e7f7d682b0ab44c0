import { isIP } from "node:net";
import type { AuditEvent, EventFormat, FormatEncoder, JsonObject, JsonValue, Target } from "@headgate/core";
import { versionedFormat } from "../format-version.ts";
import { type Meaning, meaningOf } from "../meaning.ts";
import { type ProductOptions, productOf } from "../product.ts";
import { type Classification, classify, fits } from "./classify.ts";
import { type OcsfClass, type OcsfClassName, ocsfClasses } from "./classes.ts";

/** Options of {@link ocsfFormat}. */
export interface OcsfOptions extends ProductOptions {
  /**
   * Class and activity of actions that their words do not tell, by action. An event that lacks what the class cannot do
   * without (a user, a group, a target) is API activity all the same. @default none
   */
  readonly actions?: Readonly<Record<string, { readonly class: OcsfClassName; readonly activity: number }>>;
}

type Frozen = Required<OcsfOptions>;

/**
 * The Open Cybersecurity Schema Framework, version 1.8.0: authentication (3002), account change (3001), user access
 * (3005), group (3006) and entity management (3004), and API activity (6003) for everything else.
 *
 * @example
 * ```ts
 * const format = ocsfFormat({
 *   product: "Acme CI",
 *   vendor: "Acme",
 *   actions: { "context.secrets.accessed": { class: "entity", activity: 2 } },
 * });
 * ```
 */
export function ocsfFormat(options: OcsfOptions = {}): EventFormat {
  const frozen: Frozen = { ...productOf(options), actions: options.actions ?? {} };
  return versionedFormat<Frozen>(
    { name: "ocsf", title: "OCSF 1.8.0", versions: { 1: encoderWith(versionOne), 2: encoderWith(versionTwo) } },
    frozen,
  );
}

type Members = Record<string, JsonValue | undefined>;

/** What versions do not have in common. */
interface Version {
  readonly userOf: (target: Target) => JsonObject;
  readonly isIp: (text: string) => boolean;
}
const versionOne: Version = { userOf: sourceUser, isIp: (text) => isIP(text) !== 0 };
/** The schema has 40 characters for an address; written out, one of IPv6 with one of IPv4 at its end has more. */
const versionTwo: Version = { userOf: captionedUser, isIp: (text) => isIP(text) !== 0 && text.length <= 40 };

const encoderWith =
  (version: Version) =>
  ({ product, vendor, actions }: Frozen): FormatEncoder => {
    const about = { name: product, vendor_name: vendor };

    return (event) => {
      const meaning = meaningOf(event);
      const { name, activity } = choice(event, meaning, actions);
      const of: OcsfClass = ocsfClasses[name];
      const activityName = of.activities[activity] ?? event.action;
      const own = membersOf(name, event, meaning, product, version);
      return JSON.stringify({
        class_uid: of.uid,
        class_name: of.name,
        category_uid: of.category.uid,
        category_name: of.category.name,
        activity_id: activity,
        activity_name: activityName,
        type_uid: of.uid * 100 + activity,
        type_name: `${of.name}: ${of.activities[activity] ?? "Other"}`,
        time: Date.parse(event.occurred_at),
        severity_id: 1,
        severity: "Informational",
        ...statusOf(event),
        message: event.action,
        metadata: {
          version: "1.8.0",
          uid: event.id,
          sequence: event.sequence,
          tenant_uid: event.organization.id,
          event_code: event.action,
          log_name: "audit",
          original_time: event.occurred_at,
          product: about,
        },
        ...own,
        unmapped: unmappedOf(event, version),
      });
    };
  };

function choice(event: AuditEvent, meaning: Meaning, actions: Frozen["actions"]): Classification {
  const given = Object.hasOwn(actions, event.action) ? actions[event.action] : undefined;
  if (given === undefined || !fits(given.class, event, meaning)) return classify(event, meaning);
  const { activities }: OcsfClass = ocsfClasses[given.class];
  return { name: given.class, activity: activities[given.activity] === undefined ? 99 : given.activity };
}

function membersOf(
  name: OcsfClassName,
  event: AuditEvent,
  meaning: Meaning,
  product: string,
  { userOf, isIp }: Version,
): Members {
  const { actor, targets = [], context } = event;
  const user = userOf(actor);
  const ip = context?.ip;
  const endpoint: JsonObject | undefined = ip === undefined || ip === "" ? undefined : isIp(ip) ? { ip } : { name: ip };
  const request = requestOf(event);
  const common: Members = { actor: { user }, src_endpoint: endpoint, http_request: request };
  const [subject] = meaning.users;
  switch (name) {
    case "authentication":
      return { ...common, user: subject === undefined ? user : userOf(subject), service: { name: product } };
    case "account":
      return { ...common, user: subject === undefined ? user : userOf(subject) };
    case "access":
      return {
        ...common,
        user: subject === undefined ? user : userOf(subject),
        privileges: meaning.privileges.map((one) => one.name ?? one.id),
      };
    case "group": {
      const [group] = meaning.groups;
      return {
        ...common,
        group: group === undefined ? undefined : resourceOf(group),
        user: subject === undefined ? undefined : userOf(subject),
      };
    }
    case "entity": {
      const [entity] = targets;
      return { ...common, entity: entity === undefined ? undefined : resourceOf(entity) };
    }
    case "api":
      return {
        ...common,
        api: { operation: event.action, service: { name: product } },
        // The class wants a source, and an audit event need not know one.
        src_endpoint: endpoint ?? { name: "unknown" },
        resources: targets.length === 0 ? undefined : targets.map(resourceOf),
      };
  }
}

const userTypes = new Map([
  ["user", 1],
  ["member", 1],
  ["admin", 2],
  ["system", 3],
  ["service_account", 4],
  ["service", 4],
  ["bot", 4],
  ["api_token", 4],
]);

const userCaptions = new Map([
  [1, "User"],
  [2, "Admin"],
  [3, "System"],
  [4, "Service"],
]);

function sourceUser({ type, id, name }: Target): JsonObject {
  return { uid: id, ...(name !== undefined && { name }), type, type_id: userTypes.get(type.toLowerCase()) ?? 99 };
}

/** Beside a number the schema wants its own caption; the source's word stands there only where the number is other. */
function captionedUser(target: Target): JsonObject {
  const user = sourceUser(target);
  return { ...user, type: userCaptions.get(user["type_id"] as number) ?? target.type };
}

function resourceOf({ type, id, name }: Target): JsonObject {
  return { uid: id, ...(name !== undefined && { name }), type };
}

function requestOf({ context }: AuditEvent): JsonObject | undefined {
  const { user_agent: agent, request_id: uid } = context ?? {};
  if (agent === undefined && uid === undefined) return undefined;
  return { ...(uid !== undefined && { uid }), ...(agent !== undefined && { user_agent: agent }) };
}

function statusOf({ outcome }: AuditEvent): Members {
  if (outcome === undefined) return {};
  if (outcome === "success") return { status_id: 1, status: "Success" };
  if (outcome === "unknown") return { status_id: 0, status: "Unknown" };
  return { status_id: 2, status: "Failure", status_detail: outcome };
}

/** What OCSF has no member for, and the targets, of which most classes name but one: so nothing is lost. */
function unmappedOf(event: AuditEvent, { userOf }: Version): Members {
  const { schema_version, organization, category, actor, targets, context, metadata } = event;
  const { ip: _, user_agent: __, request_id: ___, ...rest } = context ?? {};
  return {
    schema_version,
    organization_name: organization.name,
    category,
    actor_type: userOf(actor)["type"] === actor.type ? undefined : actor.type,
    targets: targets as JsonValue | undefined,
    context: Object.keys(rest).length === 0 ? undefined : (rest as JsonObject),
    metadata,
  };
}
