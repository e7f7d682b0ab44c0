import type { AuditEvent } from "@headgate/core";

const base = {
  schema_version: 1,
  occurred_at: "2026-11-26T20:00:07.123Z",
  organization: { id: "org_1", name: "Acme" },
  actor: { type: "user", id: "u_1", name: "Ada" },
  context: { ip: "203.0.113.7", user_agent: "Mozilla/5.0 (X11)", request_id: "r-1", country: "CH" },
} as const;

const drafts: readonly Omit<AuditEvent, "id" | "sequence">[] = [
  { ...base, action: "user.login", category: "authentication", outcome: "success" },
  { ...base, action: "user.signed_out", outcome: "success", context: {} },
  { ...base, action: "user.session.impersonation.grant", outcome: "success" },
  { ...base, action: "user.account.reset_password", targets: [{ type: "User", id: "u_2", name: "Bob" }] },
  { ...base, action: "user.mfa.factor.deactivate", targets: [{ type: "user", id: "u_2" }], outcome: "failure" },
  { ...base, action: "org.member.invited", category: "access", targets: [{ type: "user", id: "u_3" }] },
  {
    ...base,
    action: "team.add_member",
    targets: [
      { type: "user", id: "u_2", name: "Bob" },
      { type: "team", id: "t_1", name: "Admins" },
    ],
  },
  { ...base, action: "group.deleted", targets: [{ type: "group", id: "g_1" }], outcome: "denied" },
  {
    ...base,
    action: "user.role.assigned",
    category: "access",
    targets: [
      { type: "user", id: "u_2" },
      { type: "role", id: "owner", name: "Owner" },
    ],
  },
  {
    ...base,
    action: "context.secrets.accessed",
    category: "configuration",
    outcome: "success",
    targets: [{ type: "context", id: "ctx_9", name: "prod" }],
    metadata: { job_id: "j-1", "a=b|c\\d": 'x\ny=z\\ "q"' },
  },
  {
    ...base,
    action: "pipeline.triggered",
    category: "pipeline",
    actor: { type: "api_token", id: "t-9" },
    context: { ip: "[masked]" },
  },
  {
    ...base,
    action: "v1.compute.subnetworks.patch",
    outcome: "unknown",
    targets: [{ type: "resource", id: "projects/a" }],
  },
];

/** Events of every kind that the formats tell apart. */
export const samples: readonly AuditEvent[] = drafts.map((draft, i) => ({
  ...(draft as AuditEvent),
  id: `01981f2e-7c1a-7f3e-9a51-3d0c5f1b2a${String(i).padStart(2, "0")}`,
  sequence: 4711 + i,
}));
