import type { Command } from "./command.ts";

/** A command as the overview shows it; its code is loaded when it is used. */
export interface CommandEntry {
  readonly summary: string;
  load(): Promise<Command>;
}

/** Commands that share a first word. */
export interface CommandGroup {
  readonly summary: string;
  readonly commands: Readonly<Record<string, CommandEntry>>;
}

const streams = (name: string, summary: string): readonly [string, CommandEntry] => [
  name,
  { summary, load: async () => found((await import("./streams.ts")).streamsCommands, name) },
];

const quarantine = (name: string, summary: string): readonly [string, CommandEntry] => [
  name,
  { summary, load: async () => found((await import("./quarantine.ts")).quarantineCommands, name) },
];

const tokens = (name: string, summary: string): readonly [string, CommandEntry] => [
  name,
  { summary, load: async () => found((await import("./tokens.ts")).tokensCommands, name) },
];

const keys = (name: string, summary: string): readonly [string, CommandEntry] => [
  name,
  { summary, load: async () => found((await import("./keys.ts")).keysCommands, name) },
];

function found(commands: Readonly<Record<string, Command>>, name: string): Command {
  return commands[name] as Command;
}

/** Every command by its name, in the order of the overview. */
export const commands: Readonly<Record<string, CommandEntry | CommandGroup>> = {
  demo: {
    summary: "See it work: three organizations, live events, a destination to break and mend",
    load: async () => (await import("../demo/index.ts")).demoCommand,
  },
  validate: {
    summary: "List every mistake of a configuration file",
    load: async () => (await import("./validate.ts")).validateCommand,
  },
  run: {
    summary: "Read the sources and deliver the streams, until stopped or once",
    load: async () => (await import("./run.ts")).runCommand,
  },
  ingest: {
    summary: "Read a file or standard input into an organization's journal",
    load: async () => (await import("./ingest.ts")).ingestCommand,
  },
  status: {
    summary: "Show how every stream stands",
    load: async () => (await import("./status.ts")).statusCommand,
  },
  streams: {
    summary: "List, create, verify, pause, resume and delete streams",
    commands: Object.fromEntries([
      streams("list", "List the streams"),
      streams("create", "Create a stream beside those of the configuration"),
      streams("verify", "Check a stream's destination step by step"),
      streams("pause", "Stop delivering; events are kept"),
      streams("resume", "Go on where the stream stopped"),
      streams("reseal", "Consent to finishing a window with another codec"),
      streams("preview", "Show the last events as a stream would send them"),
      streams("replay", "Deliver a range again, with nothing doubled"),
      streams("delete", "End a stream and its claim on what is pending"),
    ]),
  },
  connect: {
    summary: "Print what a customer does to connect S3, Splunk or Datadog",
    load: async () => (await import("./connect.ts")).connectCommand,
  },
  quarantine: {
    summary: "Look at, retry and discard what was set apart",
    commands: Object.fromEntries([
      quarantine("list", "List events and source records in quarantine"),
      quarantine("show", "Show one of them"),
      quarantine("retry", "Have an event sent again"),
      quarantine("discard", "Drop an event or a source record for good"),
    ]),
  },
  tokens: {
    summary: "Make, list and revoke tokens for the API and the console",
    commands: Object.fromEntries([
      tokens("create", "Make a token and print it, this once"),
      tokens("list", "List the tokens, without their secrets"),
      tokens("revoke", "End a token"),
    ]),
  },
  keys: {
    summary: "Make keys, and put stored secrets under a new one",
    commands: Object.fromEntries([
      keys("new", "Make a key and print it"),
      keys("rotate", "Put every stored secret under the key of now"),
    ]),
  },
  migrate: {
    summary: "Make the store, or bring its form to that of this version",
    load: async () => (await import("./migrate.ts")).migrateCommand,
  },
  backup: {
    summary: "Copy a sqlite store into one file, beside the runner",
    load: async () => (await import("./backup.ts")).backupCommand,
  },
  restore: {
    summary: "Go on with a backup, giving no sequence twice",
    load: async () => (await import("./restore.ts")).restoreCommand,
  },
  export: {
    summary: "Write an organization's events as NDJSON or CSV",
    load: async () => (await import("./export.ts")).exportCommand,
  },
  audit: {
    summary: "Prove that a folder or bucket holds every event, once and unaltered",
    load: async () => (await import("./audit.ts")).auditCommand,
  },
  repair: {
    summary: "Bring back from the journal what an audit found to be missing",
    load: async () => (await import("./repair.ts")).repairCommand,
  },
  version: {
    summary: "Print the version",
    load: async () => (await import("./version.ts")).versionCommand,
  },
};
