import { type Headgate, isHeadgateError, type StreamRecord } from "@headgate/core";
import { commandConfig, storedView } from "../embedded.ts";
import { countText, plural } from "../terminal/numbers.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Command, configOption, defineCommand, exitCode, UsageError } from "./command.ts";

/** What a rotation came to. */
interface Rotation {
  streams: number;
  /** Streams whose secrets are under another key than before, or would be. */
  rotated: number;
  readonly failed: { readonly stream: string; readonly code: string; readonly message: string }[];
}

/** `headgate keys rotate`. */
export const keysRotate: Command = defineCommand({
  description:
    "Puts every stored secret under the configuration's secrets.key, one stream after another, so that previous_keys can be dropped. It may run beside a runner, and be killed and started again: what is done stays done. Streams go on meanwhile. Exits with 1 where a secret could not be opened; the others are done all the same.",
  options: { ...configOption, "dry-run": { type: "boolean", description: "Only counts what would be done." } },
  examples: ["headgate keys rotate -c headgate.yaml", "headgate keys rotate -c headgate.yaml --dry-run"],
  async run({ values, terminal }) {
    const { secrets } = commandConfig(values.config, "secrets");
    if (secrets === undefined) {
      throw new UsageError(
        "The configuration has no secrets.key to rotate to. Make one with `headgate keys new`, and name the one of before in secrets.previous_keys.",
      );
    }
    const isDry = values["dry-run"] === true;
    await using view = await storedView(values.config, secrets);
    const result = await rotateAll(view.headgate, { current: secrets.current, isDry, terminal });
    terminal.endProgress();
    if (values.json === true) {
      await terminal.print(`${JSON.stringify({ ...result, dry_run: isDry })}\n`);
    } else {
      for (const { stream, message } of result.failed) terminal.note(`${stream}: ${message}`);
      await terminal.print(summary(result, isDry));
    }
    return result.failed.length > 0 ? exitCode.failed : exitCode.done;
  },
});

async function rotateAll(
  headgate: Pick<Headgate, "streams">,
  { current, isDry, terminal }: { readonly current: string; readonly isDry: boolean; readonly terminal: Terminal },
): Promise<Rotation> {
  const result: Rotation = { streams: 0, rotated: 0, failed: [] };
  for await (const record of all(headgate)) {
    result.streams++;
    try {
      const changed = isDry ? isUnderAnotherKey(record, current) : await headgate.streams.rotateSecrets(record.id);
      if (changed) result.rotated++;
    } catch (error) {
      // Deleted meanwhile: there is nothing left to rotate.
      if (isHeadgateError(error, "stream_unknown")) continue;
      if (!isHeadgateError(error)) throw error;
      result.failed.push({ stream: record.id, code: error.code, message: error.message });
    }
    terminal.progress(() => `${countText(result.streams)} streams looked at, ${countText(result.rotated)} rotated`);
  }
  return result;
}

async function* all({ streams }: Pick<Headgate, "streams">): AsyncGenerator<StreamRecord> {
  const limit = 500;
  for (let after: string | undefined; ;) {
    const page = await streams.list({ limit, ...(after !== undefined && { after }) });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < limit) return;
  }
}

function isUnderAnotherKey({ options }: StreamRecord, current: string): boolean {
  const sealed = [...JSON.stringify(options).matchAll(/\{"\$sealed":"(v\d+)\.([^."]+)\./g)];
  return sealed.some(([, version, id]) => version !== "v2" || id !== current);
}

function summary({ streams, rotated, failed }: Rotation, isDry: boolean): string {
  const looked = `${plural(streams, "stream")} looked at`;
  if (isDry) return `${looked}, ${countText(rotated)} to rotate. Nothing was changed.\n`;
  const done = `${looked}, ${countText(rotated)} rotated.`;
  if (failed.length === 0)
    return `${done} No stored secret needs secrets.previous_keys any more: remove them and restart the runners.\n`;
  return `${done} ${countText(failed.length)} failed: keep secrets.previous_keys, and run it again.\n`;
}
