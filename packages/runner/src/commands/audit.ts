import { auditDescription, auditOptions, runAudit } from "@headgate/audit";
import { createStopSignal } from "../terminal/stop-signal.ts";
import { type Command, defineCommand } from "./command.ts";

export const auditCommand: Command = defineCommand({
  description: auditDescription,
  positionals: "FOLDER|s3://BUCKET/PREFIX",
  maxPositionals: 1,
  options: auditOptions,
  examples: [
    "headgate audit ./out",
    "headgate audit s3://acme-audit-logs/headgate/ --region eu-west-1 --keys digest-keys.json --json",
    "headgate audit s3://audit-logs/ --endpoint http://127.0.0.1:7480 --region us-east-1 --force-path-style",
  ],
  async run({ values, positionals, terminal }) {
    using stop = createStopSignal(process, () => terminal.note("Stopping."));
    return await runAudit(positionals, values, terminal, stop.signal);
  },
});
