import { generateKeyPairSync, randomBytes } from "node:crypto";
import { type Command, defineCommand, exitCode } from "./command.ts";

const sealing = `Keep it where secrets are kept, outside of the store's folder: a copy of the store without the key tells no secret, and
with the key lost the secrets have to be entered anew. Then name it in the configuration:

  secrets:
    key: "\${env:HEADGATE_SECRETS_KEY}"          # or "\${file:/run/secrets/headgate}"
    previous_keys: ["\${env:HEADGATE_OLD_KEY}"]  # the one of before, if there is one

Restart every runner, then: headgate keys rotate -c headgate.yaml`;

const signing =
  "It signs digests. Keep it where secrets are kept, outside of the store's folder, readable by the runner alone.";

/** `headgate keys new`. */
export const keysNew: Command = defineCommand({
  description:
    "Makes a key at random and prints it; what to do with it goes to standard error. Nothing is stored. Without options it is one that seals secrets: 32 bytes as 64 hexadecimal digits. With --digest it is an Ed25519 private key in PEM, which signs digests.",
  options: { digest: { type: "boolean", description: "Makes a key that signs digests." } },
  examples: ["headgate keys new > secrets.key", "headgate keys new --digest > digest.pem"],
  async run({ values, terminal }) {
    const isDigest = values.digest === true;
    const key = isDigest ? signingKey() : randomBytes(32).toString("hex");
    await terminal.print(values.json === true ? `${JSON.stringify({ key })}\n` : `${key.trimEnd()}\n`);
    if (values.json !== true) terminal.note(isDigest ? signing : sealing);
    return exitCode.done;
  },
});

function signingKey(): string {
  return generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
}
