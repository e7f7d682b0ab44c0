import { compileSchema, eventSchema, parseTimestamp } from "@headgate/core";

/** What a line of some format says of its event; not yet checked. */
export interface LineFacts {
  readonly organization: unknown;
  readonly sequence: unknown;
  readonly id: unknown;
  /** Unix ms. */
  readonly occurredAt: number | undefined;
  /** What the format calls the time, for people. */
  readonly timeName: string;
  /** A clause that fits behind "line 4". */
  readonly fault?: string;
}

type Line = Readonly<Record<string, unknown>>;

interface LineFormat {
  /** Whether a line is of this format; the native one takes what none of the others does. */
  is(line: Line): boolean;
  facts(line: Line): LineFacts;
}

const checkNative = compileSchema(eventSchema);

const ocsf: LineFormat = {
  is: (line) => typeof line["class_uid"] === "number" && isLine(line["metadata"]),
  facts(line) {
    const { uid, sequence, tenant_uid: tenant } = membersOf(line["metadata"]);
    const { time } = line;
    const occurredAt = typeof time === "number" && Number.isSafeInteger(time) ? time : undefined;
    return { organization: tenant, sequence, id: uid, occurredAt, timeName: "time" };
  },
};

const ecs: LineFormat = {
  is: (line) => typeof line["@timestamp"] === "string" && isLine(line["event"]),
  facts(line) {
    const { id, sequence } = membersOf(line["event"]);
    return {
      organization: membersOf(line["organization"])["id"],
      sequence,
      id,
      occurredAt: instantOf(line["@timestamp"]),
      timeName: "@timestamp",
    };
  },
};

const cloudEvents: LineFormat = {
  is: (line) => typeof line["specversion"] === "string",
  facts(line) {
    const { id, organization, sequence, time } = line;
    const data = membersOf(line["data"]);
    // The extension is a text by its own page; writers of plain integers are common.
    const number = typeof sequence === "string" && /^\d{1,16}$/.test(sequence) ? Number(sequence) : sequence;
    return {
      organization: fromAttribute(organization, membersOf(data["organization"])["id"]),
      sequence: number,
      id: fromAttribute(id, data["id"]),
      occurredAt: instantOf(time),
      timeName: "time",
    };
  },
};

/**
 * Attributes hold neither control characters nor half surrogates nor noncharacters: the format writes them as `\u{10fffe}`,
 * and a backslash that could be taken for the beginning of one as `\u{5c}`. Its first version wrote everything as it is:
 * `whole`, what the event in `data` says, tells which of the two stands there.
 */
function fromAttribute(value: unknown, whole: unknown): unknown {
  if (typeof value !== "string" || value === whole) return value;
  return value.replaceAll(/\\u\{([0-9a-f]{1,6})\}/g, (written, digits: string) => {
    const code = Number.parseInt(digits, 16);
    const one = code <= 0x10ffff ? String.fromCodePoint(code) : "";
    return /^[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\\]$/u.test(one) ? one : written;
  });
}

const native: LineFormat = {
  is: () => true,
  facts(line) {
    const [problem] = checkNative(line) ?? [];
    return {
      organization: membersOf(line["organization"])["id"],
      sequence: line["sequence"],
      id: line["id"],
      occurredAt: instantOf(line["occurred_at"]),
      timeName: "occurred_at",
      ...(problem !== undefined && { fault: `does not follow the event schema: ${problem.path} ${problem.problem}` }),
    };
  },
};

const formats: readonly LineFormat[] = [ocsf, ecs, cloudEvents, native];

/** Where a line of a known format has its organization, sequence, id and time. */
export function lineFacts(line: Line): LineFacts {
  return (formats.find((format) => format.is(line)) ?? native).facts(line);
}

function isLine(value: unknown): value is Line {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Line {
  return isLine(value) ? value : {};
}

function instantOf(value: unknown): number | undefined {
  return typeof value === "string" ? parseTimestamp(value) : undefined;
}
