import { randomUUID } from "node:crypto";
import type { Clock, SinkFailure, VerificationStep } from "@headgate/core";
import { HttpFailure, type HttpReply, transportResult } from "@headgate/egress";
import { acksEnabled, ackWait } from "./acks.ts";
import type { Endpoint } from "./endpoints.ts";
import { hecCodes } from "./hec-codes.ts";
import { hecReply } from "./hec-reply.ts";
import type { SplunkSettings } from "./settings.ts";
import type { HecTransport } from "./transport.ts";
import { hecFailure, verdictOf } from "./verdict.ts";

/** What verification works with. */
export interface VerificationParts {
  readonly settings: SplunkSettings;
  readonly transport: HecTransport;
  readonly endpoints: readonly Endpoint[];
  readonly clock: Clock;
  readonly testBody: () => Uint8Array;
}

type StepName = "address" | "health" | "token" | "acknowledgement" | "test event" | "confirmation";
type Outcome = Omit<VerificationStep, "name">;

const names: readonly StepName[] = ["address", "health", "token", "acknowledgement", "test event", "confirmation"];
/** A person waits: an indexer that is well takes a second or two. */
const confirmationMs = 30_000;

const ok = (detail: string, fix?: string): Outcome => ({ status: "ok", detail, ...(fix === undefined ? {} : { fix }) });
const skipped = (detail: string): Outcome => ({ status: "skipped", detail });
const failed = ({ message, hint }: SinkFailure): Outcome => ({
  status: "failed",
  detail: message,
  fix: hint ?? "Correct the stream's options.",
});

/** Checks a stream's collector step by step, at each endpoint. Sends one small event of Headgate's own to each. */
export async function* verifyStream(
  parts: VerificationParts,
  signal: AbortSignal,
): AsyncGenerator<VerificationStep, void> {
  for (const endpoint of parts.endpoints) {
    const where = parts.endpoints.length === 1 ? "" : ` of ${endpoint.url.host}`;
    let stopped: string | undefined;
    const steps = endpointSteps(parts, endpoint, signal);
    for (const name of names) {
      signal.throwIfAborted();
      const outcome =
        stopped === undefined
          ? await steps[name]()
          : skipped(`Not tried, because the step "${stopped}" before it failed.`);
      if (outcome.status === "failed") stopped = name;
      yield { name: `${name}${where}`, ...outcome };
    }
  }
}

function endpointSteps(
  { settings, transport, clock, testBody }: VerificationParts,
  endpoint: Endpoint,
  signal: AbortSignal,
): Readonly<Record<StepName, () => Promise<Outcome>>> {
  const { acknowledge } = settings;
  const { url } = endpoint;
  const index = settings.envelope.index === undefined ? "the token's own index" : `index "${settings.envelope.index}"`;
  let health: HttpReply | undefined;
  let acksOn: boolean | undefined;
  let ackId: number | undefined;
  // Deliveries may go on meanwhile: their channel is theirs.
  const channel = randomUUID();

  /** A reply, or what keeps it from coming. */
  async function reach(send: () => Promise<{ readonly reply: HttpReply }>): Promise<HttpReply | Outcome> {
    try {
      return (await send()).reply;
    } catch (error) {
      signal.throwIfAborted();
      const result = error instanceof HttpFailure ? transportResult(error, "Splunk") : undefined;
      if (result === undefined) throw error;
      return failed(result.error);
    }
  }

  return {
    async address() {
      if (!transport.paths.includes("health"))
        return skipped("This transport posts events and nothing else: the token's step tries the address too.");
      const reply = await reach(() => endpoint.send({ path: "health", signal }));
      if ("detail" in reply) return reply;
      health = reply;
      const tls = url.protocol === "https:" ? "its certificate is trusted" : "without TLS, as the operator allows";
      return ok(`${url.host} answers; ${tls}.`);
    },

    async health() {
      if (health === undefined) return skipped("This transport cannot ask for the collector's health.");
      const answer = hecReply(health);
      const rule = answer === undefined ? undefined : hecCodes[answer.code];
      if (answer?.code === 17 && health.status === 200)
        return ok("The collector says that it is healthy (code 17). That proves nothing of the token.");
      // Other codes speak of events, and none was sent.
      if (answer !== undefined && (rule?.outcome === "retry" || rule?.outcome === "blocked"))
        return failed(hecFailure(answer.code, rule));
      return {
        status: "failed",
        detail: `HTTP ${health.status}, and no answer of Splunk's.`,
        fix: "Check the endpoint's port and path: something else than the HTTP Event Collector answers there.",
      };
    },

    async token() {
      const reply = await reach(() => endpoint.send({ path: "event", body: new Uint8Array(0), channel, signal }));
      if ("detail" in reply) return reply;
      const answer = hecReply(reply);
      const rule = answer === undefined ? undefined : hecCodes[answer.code];
      if (answer?.code === 5)
        return ok("A request without data was refused for that alone (code 5): the token is known.");
      // What a collector says of data, it says after it has looked at the token.
      if (
        answer !== undefined &&
        (rule?.outcome === "refused" || rule?.outcome === "taken" || rule?.outcome === "slow")
      )
        return ok(`A request without data was answered with code ${answer.code}: the token is known.`);
      if (answer !== undefined && rule !== undefined) return failed(hecFailure(answer.code, rule));
      const verdict = verdictOf(reply, { count: 0, bytes: 0 }, clock.now());
      return failed(verdict.kind === "taken" ? unexpected : verdict.error);
    },

    async acknowledgement() {
      if (!transport.paths.includes("ack")) return skipped("This transport cannot ask for acknowledgements.");
      let on: boolean | undefined;
      const reply = await reach(async () => {
        const asked = await acksEnabled(endpoint, signal);
        ({ on } = asked);
        return asked;
      });
      if ("detail" in reply) return reply;
      acksOn = on;
      if (on === true) {
        if (acknowledge !== "off") return ok("Acknowledgements are on for the token, and are waited for.");
        return ok(
          "Acknowledgements are on for the token, but are not asked for (acknowledge: off).",
          "Set acknowledge to auto, or switch acknowledgements off for the token: unasked ones pile up in Splunk until it refuses requests.",
        );
      }
      if (on === false) {
        if (acknowledge === "required")
          return failed(hecFailure(14, hecCodes[14] as NonNullable<(typeof hecCodes)[14]>));
        return ok(
          "Acknowledgements are off for the token (code 14): events count as delivered once Splunk has taken them.",
        );
      }
      const verdict = verdictOf(reply, { count: 0, bytes: 0 }, clock.now());
      return failed(verdict.kind === "taken" ? unexpected : verdict.error);
    },

    async "test event"() {
      const body = testBody();
      const reply = await reach(() => endpoint.send({ path: "event", body, channel, signal }));
      if ("detail" in reply) return reply;
      const verdict = verdictOf(reply, { count: 1, bytes: body.length }, clock.now());
      ackId = hecReply(reply)?.ackId;
      if (verdict.kind === "taken")
        return ok(`Splunk took an event with the action "headgate.verification" for ${index}.`);
      if (verdict.error.vendorCode === "7") {
        return {
          status: "failed",
          detail: `Splunk refused a test event: Incorrect index (code 7). It was for ${index}.`,
          fix: "Create the index, or allow it for the token, or correct index in the stream's options.",
        };
      }
      return failed(verdict.error);
    },

    async confirmation() {
      if (acksOn !== true || ackId === undefined)
        return skipped("Nothing to wait for: no acknowledgement was promised.");
      if (acknowledge === "off") return skipped("Acknowledgements are not asked for (acknowledge: off).");
      const limitMs = Math.min(confirmationMs, settings.timeouts.ackMs);
      const state = await ackWait()({ endpoint, channel, ackId }, limitMs, clock, signal);
      if (state.kind === "acked") return ok("An indexer has confirmed the test event.");
      return {
        status: "failed",
        detail: `No indexer has confirmed the test event within ${limitMs / 1000} s.`,
        fix: "Look at the indexers' queues, and at the sticky sessions (by cookie) of a load balancer before them.",
      };
    },
  };
}

const unexpected: SinkFailure = {
  code: "destination_unexpected",
  message: "The collector answered something that does not belong to the question.",
  hint: "Check the endpoint: something else than the HTTP Event Collector may answer there.",
};
