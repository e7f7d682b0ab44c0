import * as names from "./names.ts";
import { type Deed, deed } from "./story.ts";
import type { World } from "./world.ts";

const policyKinds = ["allowed_images", "required_approval", "secret_access", "resource_limit"] as const;
const sinks = ["s3", "splunk", "datadog"] as const;
const settings = [
  { setting: "default_resource_class", from: "linux.medium", to: "linux.large" },
  { setting: "personal_tokens", from: "allowed", to: "expiring_only" },
  { setting: "public_projects", from: "allowed", to: "refused" },
  { setting: "session_idle_timeout", from: "8h", to: "4h" },
] as const;

/** One of the changes that owners make to the organization. */
export function organizationChange(world: World): Deed {
  const { draw } = world;
  const place = { type: "organization", id: world.organization.id };
  const policy = { type: "policy", id: draw.id("pol") };
  const stream = { type: "audit_stream", id: draw.id("str") };
  const connection = { type: "sso_connection", id: draw.id("sso") };
  const kind = draw.pick(policyKinds);
  const enforcement = draw.pick(["warn", "refuse"] as const);
  const sink = draw.pick(sinks);
  const protocol = draw.pick(["saml", "oidc"] as const);
  const domain = `${world.organization.id.toLowerCase()}.example`;
  const network = `${draw.pick(names.networks)}.0/24`;
  const plan = draw.pick([
    ["free", "team"],
    ["team", "scale"],
    ["scale", "team"],
  ] as const);
  const choices: readonly (readonly [weight: number, make: () => Deed])[] = [
    [5, () => deed("organization.settings.updated", { changes: draw.some(settings, 1, 2) }, [place])],
    [
      2,
      () =>
        deed("organization.ip_allowlist.updated", { added: [network], removed: [], enforced: draw.chance(0.6) }, [
          place,
        ]),
    ],
    [
      2,
      () =>
        deed(
          "organization.retention.changed",
          {
            of: draw.pick(["build_logs", "artifacts", "test_results"]),
            from_days: 30,
            to_days: draw.pick([14, 60, 90]),
          },
          [place],
        ),
    ],
    [2, () => deed("policy.created", { kind, enforcement }, [policy])],
    [4, () => deed("policy.updated", { kind, enforcement, version: draw.integer(2, 19) }, [policy])],
    [1, () => deed("policy.deleted", { kind }, [policy])],
    [1, () => deed("audit_stream.created", { sink }, [stream])],
    [
      2,
      () =>
        deed(
          "audit_stream.updated",
          { sink, changed: draw.some(["destination", "credentials", "encryption", "filter"] as const, 1, 2) },
          [stream],
        ),
    ],
    [1, () => deed("audit_stream.paused", { sink, note: "maintenance of the destination" }, [stream])],
    [1, () => deed("audit_stream.resumed", { sink, paused_for_seconds: draw.spread(60, 7200) }, [stream])],
    [0.5, () => deed("audit_stream.deleted", { sink }, [stream])],
    [1, () => deed("sso.connection.created", { protocol, domain }, [connection])],
    [
      2,
      () =>
        deed(
          "sso.connection.updated",
          { protocol, changed: draw.some(["certificate", "metadata_url", "attribute_mapping"] as const, 1, 2) },
          [connection],
        ),
    ],
    [0.5, () => deed("sso.connection.deleted", { protocol, domain }, [connection])],
    [1, () => changeSso(world)],
    [1, () => deed("billing.plan.changed", { from: plan[0], to: plan[1] }, [place])],
    [
      1,
      () => deed("billing.payment_method.updated", { kind: draw.pick(["card", "invoice", "direct_debit"]) }, [place]),
    ],
    [
      1,
      () =>
        deed("billing.spend_limit.changed", { from_credits: 50_000, to_credits: draw.spread(60_000, 400_000) }, [
          place,
        ]),
    ],
  ];
  return draw.weighted(choices.map(([weight, make]) => [make, weight] as const))();
}

function changeSso(world: World): Deed {
  const from = world.sso;
  world.sso = from === "required" ? "optional" : "required";
  const grace = world.sso === "required" ? { grace_days: 7 } : {};
  return deed("sso.enforcement.changed", { from, to: world.sso, ...grace }, [
    { type: "organization", id: world.organization.id },
  ]);
}
