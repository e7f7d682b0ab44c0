import { streamJson } from "@headgate/api";
import type { StreamStatus } from "@headgate/core";
import { ConfigError } from "../config/problem.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { exitCode, type ExitCode } from "./command.ts";
import type { StreamSettings } from "./stream-settings.ts";
import { stepView, verdictText, type VerificationResult, verifyStream } from "./verification.ts";

/** The option that leaves out what {@link changedStream} does besides. */
export const noVerifyOption = {
  "no-verify": { type: "boolean", description: "Does not verify the stream's destination." },
} as const;

/** A stream that a command has just changed for the better. */
export interface ChangedStream {
  readonly status: StreamStatus;
  /** A sentence on what was done. */
  readonly said: string;
  /** A sentence on what that means for a stream whose destination is not verified. */
  readonly advice: string;
  /** Read once the change is done and told. Undefined: not to be verified. */
  readonly settings: (() => Promise<StreamSettings>) | undefined;
  readonly terminal: Terminal;
  readonly json: boolean | undefined;
}

/**
 * Tells of the change and verifies the stream's destination. The change stays, whatever that finds: the exit code says
 * whether it found something. With `--json` all is one document.
 */
export async function changedStream(change: ChangedStream): Promise<ExitCode> {
  const { status, said, advice, settings, terminal, json } = change;
  if (json !== true) await terminal.print(`${said}\n${settings === undefined ? "" : "\n"}`);
  const verification = settings === undefined ? undefined : await verified(settings, terminal, json);
  const found = verification?.ok === false;
  if (json === true) {
    const document = { ...streamJson(status), ...(verification !== undefined && { verification }) };
    await terminal.print(`${JSON.stringify(document)}\n`);
  } else if (verification !== undefined) {
    await terminal.print(`\n${verdictText(verification)}${found ? `${advice}\n` : ""}`);
  }
  return found ? exitCode.found : exitCode.done;
}

/** A configuration that cannot be read here, such as for want of its secrets, is one more thing that can be found. */
async function verified(
  settings: () => Promise<StreamSettings>,
  terminal: Terminal,
  json: boolean | undefined,
): Promise<VerificationResult | undefined> {
  const show = stepView(terminal, json);
  try {
    return await verifyStream(await settings(), terminal, show);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const fix = "Mend the configuration, or add --no-verify: the runner that delivers verifies the stream as well.";
    const step = { name: "settings", status: "failed", detail: error.message, fix } as const;
    await show(step);
    return { ok: false, steps: [step] };
  }
}
