import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { languageOf, loadLanguage } from "./language.ts";

const packages = new URL("../../../", import.meta.url);

/** Where what a console's reader meets is written. The rest speaks to operators and to programs. */
const sources = [
  "sink-s3/src/sts-faults.ts",
  "sink-s3/src/s3-faults.ts",
  "sink-s3/src/fault-rule.ts",
  "sink-s3/src/encryption.ts",
  "sink-s3/src/deliver.ts",
  "sink-s3/src/verification",
  "sink-s3/src/setup",
  "sink-splunk/src/hec-codes.ts",
  "sink-splunk/src/verdict.ts",
  "sink-splunk/src/acks.ts",
  "sink-splunk/src/post.ts",
  "sink-splunk/src/refuses-all.ts",
  "sink-splunk/src/verify.ts",
  "sink-splunk/src/setup",
  "sink-datadog/src/replies.ts",
  "sink-datadog/src/outcome.ts",
  "sink-datadog/src/deliver.ts",
  "sink-datadog/src/stale.ts",
  "sink-datadog/src/oversize.ts",
  "sink-datadog/src/verify.ts",
  "sink-datadog/src/setup",
  "egress/src/http-failure.ts",
  "core/src/alert-rules.ts",
  "core/src/turn.ts",
  "core/src/restored-store.ts",
  "core/src/chunk.ts",
  "core/src/verification.ts",
  "core/src/stream-sinks.ts",
  "core/src/role-claims.ts",
  "core/src/event-filter.ts",
  "core/src/privacy.ts",
  "core/src/privacy-path.ts",
  "core/src/shape.ts",
  "core/src/stream-records.ts",
  "core/src/replay.ts",
  "api/src/access.ts",
  "api/src/authentication.ts",
  "api/src/rate-limit.ts",
  "api/src/streams/customer.ts",
  "api/src/streams/own-stream.ts",
  "api/src/streams/stream-actions.ts",
  "api/src/streams/verification-answer.ts",
];

/** What stays English: it is about what operators alone set up, or for programs. */
const others: ReadonlySet<string> = new Set([
  "The platform's principal is no ARN of a role, a user or an account that policies can name.",
  "Write it like arn:aws:iam::111122223333:role/headgate. Of a session, name its role.",
  "Role that lets Headgate write the audit log into a bucket, and do nothing else.",
  // Credentials of a stream's own, or of web identity: customers' streams assume a role with an external id.
  "Check the identity provider in the customer's account: its URL, audience, and that AWS can reach its keys.",
  "does not accept the web identity token",
  "cannot reach the platform's OIDC issuer",
  "Web identity knows none. Instead the role's trust policy must name the token's `sub`, which pins this customer.",
  "No role is assumed.",
  "None is set. Many S3-compatible servers do not compare them.",
  "The stream has keys of its own: the platform's are not used.",
  "The platform's OIDC issuer gives this stream a token.",
  "No role: the credentials write by themselves.",
  // Of a declared stream.
  "The log names the organization. Where both are to use the role, set shared_role on this stream.",
  // Transports and intakes of their own.
  "This transport posts events and nothing else: the token's step tries the address too.",
  "This transport cannot ask for the collector's health.",
  "This transport cannot ask for acknowledgements.",
  "The transport cannot ask without sending a log; the test log shows it.",
  "With url there is no API to ask: name it with api_url. The test log shows the key.",
  "The transport cannot ask; the test log shows it.",
  "With url it is the endpoint that decides on the site.",
  // The console's requests carry the header.
  "A change that comes with a session must show that it comes from the platform's own pages.",
  "Send the header headgate-request: 1.",
  // Of the platform's own code.
  "Two formats have the same name.",
  "A privacy rule hashes, and there is no key for it.",
  // Of the API's description.
  "The stream.",
]);

async function textOf(path: string): Promise<string> {
  const url = new URL(path, packages);
  if (path.endsWith(".ts")) return await readFile(url, "utf8");
  const names = (await readdir(url)).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return (await Promise.all(names.map((name) => readFile(new URL(`${path}/${name}`, packages), "utf8")))).join("\n");
}

const unquoted = (literal: string): string => literal.slice(1, -1).replaceAll(/\\(["'])/g, "$1");

/** Sentences, and what follows `says:`. Comments and what describes the API for programs are left out. */
function sentencesOf(source: string): readonly string[] {
  const code = source
    .replaceAll(/\/\*\*[^]*?\*\/|^\s*\/\/.*$/gm, "")
    .replaceAll(/\b(description|summary|logger\.\w+)(:|\()\s*("[^"\n]*"|`[^`]*`)/g, "");
  const sentences = code.match(/"[A-Z](?:[^"\\\n]|\\.)* (?:[^"\\\n]|\\.)*\."|'[A-Z][^'\n]* [^'\n]*\.'/g) ?? [];
  const says = [...code.matchAll(/\bsays: ("[^"\n]+")/g)].map(([, literal]) => literal ?? "");
  return [...sentences, ...says].map(unquoted);
}

test.each(sources)("every sentence in %s has a German one", async (path) => {
  await loadLanguage("de");
  const german = languageOf("de");
  const isKnown = (text: string): boolean => german.foreign(text).every(({ lang }) => lang === undefined);
  const found = sentencesOf(await textOf(path)).filter((text) => !others.has(text));
  // What is no sentence is the middle of one: S3, STS, Datadog and folders say it.
  const frames = [
    (text: string) => text,
    (text: string) => `STS ${text} (bucket "b" at h).`,
    (text: string) => `Datadog ${text} (HTTP 1).`,
    (text: string) => `Cannot write to /a: ${text} (X).`,
  ];
  expect(found.filter((text) => !frames.some((frame) => isKnown(frame(text))))).toEqual([]);
});
