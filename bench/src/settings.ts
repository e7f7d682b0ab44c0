import { parseArgs } from "node:util";

/** The sections of a run, in their order. */
export const sections = ["parts", "append", "postgres", "path", "intake", "memory", "service", "audit"] as const;

/** One section. */
export type Section = (typeof sections)[number];

/** What was asked for. */
export interface Settings {
  readonly only: ReadonlySet<Section>;
  readonly quick: boolean;
  readonly large: boolean;
  readonly json: string | undefined;
  /** Where the temporary folder is made. */
  readonly directory: string | undefined;
}

export const usage = `usage: npm run bench -- [options]

Measures Headgate and the bare parts of the same work, in one run, and prints tables.

  --only LIST   of ${sections.join(", ")}; path and intake need parts and measure them too (default: all)
  --quick       smaller counts: done in about half a minute, figures less steady
  --large       a million events on each path, as the peer had, and a restart over a backlog of 2 GB (some minutes, 5 GB)
  --json FILE   writes what was measured as JSON
  --dir DIR     where the temporary folder is made; must be on a disk for fsync to mean anything (default: the system's)

With RGW_ENDPOINT, RGW_BUCKET, RGW_OWNER_ACCESS_KEY_ID and RGW_OWNER_SECRET_ACCESS_KEY set, one more row goes to that
S3-compatible server; its objects are removed afterwards.
`;

/** Reads the command line. @throws Error that says what is wrong with it */
export function readSettings(args: readonly string[]): Settings | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      large: { type: "boolean", default: false },
      json: { type: "string" },
      dir: { type: "string" },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  if (values.help) return "help";
  const asked = values.only?.split(",").map((name) => name.trim()) ?? sections;
  const known = sections.filter((section) => asked.includes(section));
  if (known.length !== new Set(asked).size) throw new Error(`--only takes ${sections.join(", ")}, with commas`);
  return { only: new Set(known), quick: values.quick, large: values.large, json: values.json, directory: values.dir };
}
