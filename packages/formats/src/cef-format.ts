import { isIP } from "node:net";
import type { AuditEvent, EventFormat, FormatEncoder } from "@headgate/core";
import { versionedFormat } from "./format-version.ts";
import { meaningOf } from "./meaning.ts";
import { type ProductOptions, productOf } from "./product.ts";

type Frozen = Required<ProductOptions>;

/**
 * ArcSight's Common Event Format, version 0, one line an event and without a syslog header. What it has no key for is JSON
 * in `cs2` to `cs6`.
 *
 * @example
 * ```ts
 * const format = cefFormat({ product: "Acme CI", vendor: "Acme" });
 * ```
 */
export function cefFormat(options: ProductOptions = {}): EventFormat {
  return versionedFormat<Frozen>({ name: "cef", title: "CEF 0", versions: { 1: versionOne } }, productOf(options));
}

const versionOne =
  ({ product, vendor }: Frozen): FormatEncoder =>
  (event) => {
    const header = [vendor, product, "1", event.action, event.action, severityOf(event)].map(inHeader).join("|");
    const extension = pairsOf(event).map(([key, value]) => `${key}=${inExtension(value)}`);
    return `CEF:0|${header}|${extension.join(" ")}`;
  };

function pairsOf(event: AuditEvent): readonly (readonly [key: string, value: string])[] {
  const { actor, targets, organization, context, metadata, category, outcome } = event;
  const { ip, user_agent: agent, request_id: request, ...rest } = context ?? {};
  const [user] = meaningOf(event).users;
  const labelled = (key: string, label: string, value: unknown): readonly (readonly [string, string | undefined])[] =>
    value === undefined
      ? []
      : [
          [key, typeof value === "string" ? value : JSON.stringify(value)],
          [`${key}Label`, label],
        ];
  const validIp = ip !== undefined && isIP(ip) === 4;
  const pairs: readonly (readonly [string, string | undefined])[] = [
    ["rt", String(Date.parse(event.occurred_at))],
    ["externalId", event.id],
    ...labelled("cn1", "sequence", event.sequence),
    ...labelled("cs1", "organization", organization.id),
    ["act", event.action],
    ["cat", category],
    ["outcome", outcome],
    ["suid", actor.id],
    ["suser", actor.name],
    ["spriv", actor.type],
    ["duid", user?.id],
    ["duser", user?.name],
    ["src", validIp ? ip : undefined],
    ...labelled("cs2", "address", validIp ? undefined : ip),
    ["requestClientApplication", agent],
    ...labelled("cs3", "request", request),
    ...labelled("cs4", "targets", targets),
    ...labelled("cs5", "context", Object.keys(rest).length === 0 ? undefined : rest),
    ...labelled("cs6", "metadata", metadata),
    ...labelled("flexString1", "organization name", organization.name),
    ...labelled("cn2", "schema version", event.schema_version),
  ];
  return pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
}

function severityOf({ outcome }: AuditEvent): string {
  return outcome === "denied" ? "6" : outcome === "failure" ? "5" : "3";
}

/** In the header a bar ends a field, and a line break has no way to be written. */
function inHeader(text: string): string {
  return text.replaceAll(/[\\|]/g, String.raw`\$&`).replaceAll(/[\r\n]+/g, " ");
}

/** In the extension an equals sign ends a key. A line break is written as `\n` or `\r`. */
function inExtension(text: string): string {
  return text
    .replaceAll(/[\\=]/g, String.raw`\$&`)
    .replaceAll("\n", String.raw`\n`)
    .replaceAll("\r", String.raw`\r`);
}
