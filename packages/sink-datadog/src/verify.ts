import type { Clock, SinkFailure, VerificationStep } from "@headgate/core";
import type { EntryWriter } from "./entry.ts";
import { failureOf, requestFailure, ruleOf } from "./outcome.ts";
import type { DatadogSettings } from "./settings.ts";
import { testAction, testLog } from "./test-log.ts";
import type { LogsReply, LogsTransport } from "./transport.ts";

/** What a verification works with. */
export interface VerificationParts {
  readonly settings: DatadogSettings;
  readonly transport: LogsTransport;
  readonly writer: EntryWriter;
  readonly clock: Clock;
}

type Step = Omit<VerificationStep, "name">;
type Answer = { readonly reply: LogsReply } | { readonly failure: SinkFailure };

const names = ["address", "api key", "test log", "site"] as const;

/**
 * Tries what a delivery needs, step by step: the intake's address and certificate, the key at the API, one tiny log, and
 * by it the site. The API is another host than the intake: what it says of the key says nothing of the way to the intake,
 * so both are asked. After a step that failed the others are skipped.
 */
export async function* verifyStream(parts: VerificationParts, signal: AbortSignal): AsyncIterable<VerificationStep> {
  const run = { address, "api key": apiKey, "test log": sendTest, site };
  let failed: string | undefined;
  for (const name of names) {
    signal.throwIfAborted();
    if (failed !== undefined) {
      yield { name, status: "skipped", detail: `Not tried, because the step "${failed}" failed.` };
      continue;
    }
    const step = await run[name](parts, signal);
    if (step.status === "failed") failed = name;
    yield { name, ...step };
  }
}

async function address({ settings, transport }: VerificationParts, signal: AbortSignal): Promise<Step> {
  if (transport.reach === undefined)
    return { status: "skipped", detail: "The transport cannot ask without sending a log; the test log shows it." };
  const answer = await asked(transport.reach(signal), signal);
  if ("failure" in answer) return failedBy(answer.failure);
  const secure = settings.intake.protocol === "https:" ? ", and its certificate is good" : ", without TLS";
  return { status: "ok", detail: `${settings.intake.host} answers (HTTP ${answer.reply.status})${secure}.` };
}

async function apiKey({ settings, transport }: VerificationParts, signal: AbortSignal): Promise<Step> {
  const { api } = settings;
  if (api === undefined)
    return {
      status: "skipped",
      detail: "With url there is no API to ask: name it with api_url. The test log shows the key.",
    };
  if (transport.validate === undefined)
    return { status: "skipped", detail: "The transport cannot ask; the test log shows it." };
  const answer = await asked(transport.validate(signal), signal);
  // Deliveries do without the API: that it cannot be reached proves nothing of them.
  if ("failure" in answer)
    return { status: "skipped", detail: `${api.host}: ${answer.failure.message} The test log shows the key.` };
  const { reply } = answer;
  if (reply.status === 200 && saysValid(reply)) return { status: "ok", detail: `${api.host} knows the API key.` };
  const rule = ruleOf(reply);
  if (rule.action === "blocked" && (reply.status === 401 || reply.status === 403)) {
    const where = settings.site === undefined ? "" : ` of ${settings.site}`;
    return {
      status: "failed",
      detail: `${api.host} does not know the API key (HTTP ${reply.status}).`,
      fix: `Check api_key, and that it is a key${where}: a key belongs to one site. An application key is not an API key.`,
    };
  }
  return { status: "skipped", detail: `${api.host} did not say (HTTP ${reply.status}). The test log shows the key.` };
}

async function sendTest({ settings, transport, writer, clock }: VerificationParts, signal: AbortSignal): Promise<Step> {
  const contentEncoding = settings.compression === "gzip" ? "gzip" : "identity";
  const body = testLog(writer, clock.now());
  const answer = await asked(transport.submit(body, { contentEncoding, signal }), signal);
  if ("failure" in answer) return failedBy(answer.failure);
  const rule = ruleOf(answer.reply);
  if (rule.action === "delivered")
    return { status: "ok", detail: `${settings.intake.host} took a log with the message ${testAction} (HTTP 202).` };
  return failedBy(failureOf(rule, answer.reply.status));
}

async function site({ settings }: VerificationParts): Promise<Step> {
  if (settings.site === undefined)
    return { status: "skipped", detail: "With url it is the endpoint that decides on the site." };
  return {
    status: "ok",
    detail: `The intake of ${settings.site} took the log with this key, so the key is of this site.`,
  };
}

/** The answer, or why there is none. */
async function asked(question: Promise<LogsReply>, signal: AbortSignal): Promise<Answer> {
  try {
    return { reply: await question };
  } catch (error) {
    signal.throwIfAborted();
    const failure = requestFailure(error);
    if (failure === undefined) throw error;
    return { failure: failure.error };
  }
}

function failedBy({ message, hint }: SinkFailure): Step {
  return { status: "failed", detail: message, fix: hint ?? "Try again later." };
}

function saysValid({ body }: LogsReply): boolean {
  try {
    return (JSON.parse(new TextDecoder().decode(body)) as { readonly valid?: unknown } | null)?.valid === true;
  } catch {
    return false;
  }
}
