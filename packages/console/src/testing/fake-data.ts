import type { Alert, Delivery, LogEvent, QuarantineEntry, ServiceLevels, Stream, StreamState } from "../rest/wire.ts";

/** An instant so many ms ago, as the API writes it. */
export function before(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

const minute = 60_000;
const hour = 60 * minute;

const kept: ServiceLevels = {
  hour: { delivered: 1204, late: 0, quarantined: 0, overdue: 0, success: 1, within_hour: 1, budget_left: 1 },
  day: {
    delivered: 28_312,
    late: 4,
    quarantined: 2,
    overdue: 0,
    success: 0.99993,
    within_hour: 0.99979,
    budget_left: 0.79,
  },
  month: {
    delivered: 861_440,
    late: 310,
    quarantined: 12,
    overdue: 0,
    success: 0.99999,
    within_hour: 0.99963,
    budget_left: 0.63,
  },
};
const broken: ServiceLevels = {
  hour: { delivered: 0, late: 0, quarantined: 0, overdue: 412, within_hour: 0, budget_left: -999 },
  day: {
    delivered: 9120,
    late: 18,
    quarantined: 3,
    overdue: 412,
    success: 0.9997,
    within_hour: 0.9546,
    budget_left: -44.4,
  },
  month: {
    delivered: 412_908,
    late: 18,
    quarantined: 3,
    overdue: 412,
    success: 0.99999,
    within_hour: 0.99895,
    budget_left: -0.05,
  },
};
const quiet: ServiceLevels = {
  hour: { delivered: 0, late: 0, quarantined: 0, overdue: 0, budget_left: 1 },
  day: { delivered: 0, late: 0, quarantined: 0, overdue: 0, budget_left: 1 },
  month: { delivered: 0, late: 0, quarantined: 0, overdue: 0, budget_left: 1 },
};

/** A working day as bars. */
const activity = [
  120, 80, 64, 40, 52, 90, 310, 820, 1600, 2100, 2240, 1980, 1720, 2050, 2300, 2480, 2190, 1830, 1405, 980, 760, 640,
  520, 411,
];

/** A stream that delivers, with what is said of it replaced. */
export function fakeStream(id: string, state: StreamState, changed: Partial<Stream> = {}): Stream {
  const active = state === "active" || state === "degraded";
  return {
    id,
    organization: "acme",
    sink: "s3",
    declared: false,
    created_at: before(40 * 24 * hour),
    health: { state, since: before(26 * hour), consecutive_failures: 0 },
    accepted: 861_455,
    delivered: 861_440,
    quarantined: 0,
    filtered: 0,
    pending: 15,
    pending_bytes: 8340,
    oldest_pending_at: before(2 * minute),
    overdue: 0,
    ...(state !== "unverified" && {
      last_streamed: {
        sequence: 861_440,
        occurred_at: before(active ? 3 * minute : 78 * minute),
        at: before(active ? 2 * minute : 77 * minute),
        receipt: "headgate/year=2026/month=11/day=26/hour=12/2026-11-26T12:38:02_9d5e2a7c.json.gz",
      },
    }),
    service_levels: state === "disconnected" || state === "blocked" ? broken : state === "unverified" ? quiet : kept,
    activity: state === "unverified" ? activity.map(() => 0) : activity.map((n, i) => (active || i < 22 ? n : 0)),
    options: {
      bucket: "acme-audit-logs",
      region: "eu-west-1",
      prefix: "headgate/",
      role_arn: "arn:aws:iam::444455556666:role/headgate",
    },
    ...changed,
  };
}

const verified = {
  ok: true,
  at: before(26 * hour),
  steps: [
    {
      name: "credentials",
      status: "ok",
      detail: "The platform's own identity is arn:aws:iam::111122223333:role/headgate.",
    },
    { name: "assume role", status: "ok", detail: "arn:aws:iam::444455556666:role/headgate was assumed for 1 hour." },
    {
      name: "external id",
      status: "ok",
      detail: "Without the external id, and with a wrong one, the role was refused.",
    },
    { name: "write", status: "ok", detail: "A marker of 214 bytes was written below headgate/." },
    {
      name: "privilege",
      status: "ok",
      detail: "The role may list the bucket.",
      fix: "Nothing but s3:PutObject is needed. Remove s3:ListBucket from the role's policy.",
    },
  ],
} as const;

/** One stream in each state. */
export function fakeStreams(): Stream[] {
  return [
    fakeStream("acme-s3", "active", {
      name: "Security lake",
      quarantined: 2,
      digest: { number: 962, through: 861_440, at: before(12 * minute) },
      health: { state: "active", since: before(26 * hour), consecutive_failures: 0, verification: verified },
    }),
    fakeStream("acme-splunk", "disconnected", {
      name: "Splunk Enterprise, Frankfurt",
      sink: "splunk",
      options: { url: "https://hec.acme.example:8088", index: "audit" },
      pending: 12_031,
      pending_bytes: 6_812_440,
      oldest_pending_at: before(76 * minute),
      overdue: 412,
      health: {
        state: "disconnected",
        since: before(61 * minute),
        consecutive_failures: 19,
        next_attempt_at: new Date(Date.now() + 4 * minute).toISOString(),
        last_error: {
          code: "destination_unreachable",
          message: "hec.acme.example:8088 refuses connections.",
          hint: "Look whether the HTTP Event Collector is enabled and its port is open to this address.",
          at: before(40_000),
        },
      },
    }),
    fakeStream("acme-datadog", "degraded", {
      name: "Datadog EU",
      sink: "datadog",
      options: { site: "datadoghq.eu" },
      health: {
        state: "degraded",
        since: before(4 * minute),
        consecutive_failures: 3,
        next_attempt_at: new Date(Date.now() + 20_000).toISOString(),
        last_error: { code: "destination_busy", message: "The intake asks to slow down.", at: before(20_000) },
      },
    }),
    fakeStream("acme-archive", "blocked", {
      name: "Archive account",
      pending: 4210,
      pending_bytes: 2_400_000,
      oldest_pending_at: before(50 * minute),
      health: {
        state: "blocked",
        since: before(49 * minute),
        consecutive_failures: 1,
        last_error: {
          code: "access_denied",
          message: "The role arn:aws:iam::777788889999:role/archive may not write to acme-archive.",
          hint: "Allow s3:PutObject on arn:aws:s3:::acme-archive/* in the role's permission policy.",
          vendor_code: "AccessDenied",
          at: before(49 * minute),
        },
      },
    }),
    fakeStream("acme-lab", "paused", { pending: 90, oldest_pending_at: before(3 * hour), pending_bytes: 51_000 }),
    fakeStream("acme-new", "unverified", { pending: 0, accepted: 0, delivered: 0, pending_bytes: 0 }),
  ].map((stream) => {
    if (stream.pending > 0) return stream;
    const { oldest_pending_at: _none, ...rest } = stream;
    return rest;
  });
}

/** The newest first: an outage of some minutes among deliveries. */
export function fakeDeliveries(count: number): Delivery[] {
  return Array.from({ length: count }, (_, i): Delivery => {
    const number = count - i;
    const common = {
      number,
      at: before(i * 5 * minute + minute),
      count: 400 + ((number * 37) % 300),
      bytes: 210_000 + ((number * 7919) % 90_000),
      age_seconds: 180 + (number % 100),
      first_sequence: number * 700,
      last_sequence: number * 700 + 412,
    };
    if (i === 3 || i === 4)
      return {
        ...common,
        status: "retry",
        delivered: 0,
        quarantined: 0,
        ms: 10_004,
        attempt: i === 3 ? 2 : 1,
        error: {
          code: "destination_timeout",
          message: "s3.eu-west-1.amazonaws.com did not answer within 10 s.",
          hint: "Nothing to do: the request is repeated.",
        },
      };
    return {
      ...common,
      status: "delivered",
      delivered: common.count,
      quarantined: 0,
      ms: 84 + ((number * 13) % 60),
      attempt: 1,
      receipt: `headgate/year=2026/month=11/day=26/hour=12/2026-11-26T12:00:00_${(number * 2_654_435_761).toString(16)}.json.gz`,
    };
  });
}

/** An open alert and a closed one. */
export function fakeAlerts(): Alert[] {
  const stream = {
    organization: "acme",
    stream: "acme-splunk",
    stream_name: "Splunk Enterprise, Frankfurt",
    sink: "splunk",
  };
  return [
    {
      ...stream,
      id: "01a00000-0000-7000-8000-000000000002",
      kind: "disconnected",
      severity: "critical",
      since: before(76 * minute),
      opened_at: before(61 * minute),
      message:
        "Splunk Enterprise, Frankfurt has been disconnected for an hour: hec.acme.example:8088 refuses connections.",
      hint: "Look whether the HTTP Event Collector is enabled and its port is open to this address.",
      last_streamed: { sequence: 861_440, occurred_at: before(78 * minute), at: before(77 * minute) },
    },
    {
      ...stream,
      id: "01a00000-0000-7000-8000-000000000001",
      kind: "lagging",
      severity: "warning",
      since: before(50 * hour),
      opened_at: before(49 * hour),
      closed_at: before(48 * hour),
      message: "The oldest pending event was 45 minutes old.",
    },
  ];
}

/** Two refused events. */
export function fakeQuarantine(): QuarantineEntry[] {
  return [861_002, 861_017].map((sequence) => ({
    sequence,
    occurred_at: before(3 * hour),
    quarantined_at: before(3 * hour),
    state: "held",
    reason: {
      code: "event_too_large",
      message: `Event ${sequence} is larger than the destination takes: 1.2 MB of 1 MB.`,
      hint: "Raise the collector's limit, then send it again.",
    },
  }));
}

/** Events of a log, the newest first. */
export function fakeEvents(count: number): LogEvent[] {
  const kinds = [
    ["user.signed_in", "authentication", "success"],
    ["token.created", "access", "success"],
    ["context.secrets.accessed", "configuration", "success"],
    ["member.role_changed", "access", "success"],
    ["user.signed_in", "authentication", "failure"],
  ] as const;
  return Array.from({ length: count }, (_, i) => {
    const sequence = count - i;
    const [action, category, outcome] = kinds[sequence % kinds.length] ?? kinds[0];
    return {
      schema_version: 1,
      id: `01981f2e-7c1a-7f3e-9a51-${String(sequence).padStart(12, "0")}`,
      sequence,
      occurred_at: before(i * 47_000),
      organization: { id: "acme", name: "Acme" },
      action,
      category,
      outcome,
      actor: {
        type: "user",
        id: `u_${sequence % 7}`,
        name: ["Ada Lovelace", "Grace Hopper", "Katherine Johnson"][sequence % 3] ?? "",
      },
      targets: [{ type: "context", id: `ctx_${sequence % 9}`, name: "production" }],
      context: { ip: "203.0.113.7", user_agent: "Mozilla/5.0", request_id: `r-${sequence}` },
      metadata: { method: "sso" },
    };
  });
}
