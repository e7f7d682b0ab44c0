import type { Sink, VerificationStep } from "@headgate/core";
import { HeadgateError, secret } from "@headgate/core";
import { HttpFailure } from "@headgate/egress";
import { auditEvent, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { datadogSink } from "./datadog-sink.ts";
import type { DatadogSinkOptions } from "./options.ts";
import { apiKey, startRig } from "./testing/harness.ts";
import { testAction } from "./test-log.ts";
import type { LogsReply, LogsTransport } from "./transport.ts";

async function verified(sink: Sink): Promise<readonly VerificationStep[]> {
  const steps: VerificationStep[] = [];
  for await (const step of sink.verify?.({ signal: new AbortController().signal }) ?? []) steps.push(step);
  return steps;
}

const said = (steps: readonly VerificationStep[]): readonly string[] =>
  steps.map(({ name, status }) => `${name} ${status}`);

/** A sink of a real site, whose hosts are played by a transport. */
function siteSink(transport: Partial<LogsTransport>): Sink {
  const reply = (status: number, body: unknown): Promise<LogsReply> =>
    Promise.resolve({ status, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) });
  const well: LogsTransport = {
    reach: () => reply(404, { errors: ["Not Found"] }),
    validate: () => reply(200, { valid: true }),
    submit: () => reply(202, {}),
    async [Symbol.asyncDispose]() {},
  };
  const options: DatadogSinkOptions = { site: "datadoghq.eu", apiKey: secret(apiKey) };
  return datadogSink({ transport: () => ({ ...well, ...transport }) }).create(options, sinkContext());
}

const answer = (status: number, body: unknown) => async (): Promise<LogsReply> => ({
  status,
  headers: { "content-type": "application/json" },
  body: new TextEncoder().encode(JSON.stringify(body)),
});
const forbidden = { status: "error", code: 403, errors: ["Forbidden"] };

describe("verify", () => {
  it("asks intake and API, and leaves one log that says what it is", async () => {
    await using rig = await startRig({ tls: true });
    await using sink = rig.sink();
    const steps = await verified(sink);
    expect(said(steps)).toEqual(["address ok", "api key ok", "test log ok", "site skipped"]);
    expect(steps[0]?.detail).toMatch(/^127\.0\.0\.1:\d+ answers \(HTTP 405\), and its certificate is good\.$/);
    expect(rig.server.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "GET /api/v2/logs 405",
      "GET /api/v1/validate 200",
      "POST /api/v2/logs 202",
    ]);
    expect(rig.server.logs.map(({ log }) => log["message"])).toEqual([testAction]);
    expect(rig.server.requests[0]?.headers).not.toHaveProperty("dd-api-key");
  });

  it("shows the site by the log that it took", async () => {
    await using sink = siteSink({});
    const steps = await verified(sink);
    expect(said(steps)).toEqual(["address ok", "api key ok", "test log ok", "site ok"]);
    expect(steps.at(-1)?.detail).toContain("datadoghq.eu");
  });

  it("stops at a key that the API does not know, and says that keys belong to one site", async () => {
    await using sink = siteSink({ validate: answer(403, forbidden) });
    const steps = await verified(sink);
    expect(said(steps)).toEqual(["address ok", "api key failed", "test log skipped", "site skipped"]);
    expect(steps[1]?.fix).toContain("a key of datadoghq.eu: a key belongs to one site");
    expect(steps[2]?.detail).toContain('"api key" failed');
  });

  it.each([
    ["401", answer(401, forbidden), "belongs to one site"],
    ["403", answer(403, forbidden), "belongs to one site"],
    [
      "a page",
      async () => ({ ...(await answer(403, "x")()), headers: { "content-type": "text/html" } }),
      "site or url",
    ],
    ["503", answer(503, forbidden), "tried again"],
    ["400", answer(400, forbidden), "retry it after an upgrade"],
  ] as const)(
    "fails where the intake answers the test log with %s, whatever the API says",
    async (_name, submit, fix) => {
      await using sink = siteSink({ submit });
      const steps = await verified(sink);
      expect(said(steps)).toEqual(["address ok", "api key ok", "test log failed", "site skipped"]);
      expect(steps[2]?.fix).toContain(fix);
    },
  );

  it("goes on without the API where it cannot be asked or does not say", async () => {
    const shy = { validate: answer(500, {}) };
    const wordless = { validate: answer(200, { valid: false }) };
    for (const transport of [shy, wordless]) {
      await using sink = siteSink(transport);
      expect(said(await verified(sink))).toEqual(["address ok", "api key skipped", "test log ok", "site ok"]);
    }
    await using rig = await startRig();
    await using unreachable = rig.sink({ apiUrl: "http://127.0.0.1:1" });
    const steps = await verified(unreachable);
    expect(said(steps)).toEqual(["address ok", "api key skipped", "test log ok", "site skipped"]);
    expect(steps[1]?.detail).toContain("cannot be reached");
  });

  it("skips what a transport cannot ask", async () => {
    const submit = answer(202, {});
    const transport = (): LogsTransport => ({ submit, async [Symbol.asyncDispose]() {} });
    await using sink = datadogSink({ transport }).create(
      { site: "ddog-gov.com", apiKey: secret(apiKey) },
      sinkContext(),
    );
    expect(said(await verified(sink))).toEqual(["address skipped", "api key skipped", "test log ok", "site ok"]);
  });

  it("says what a transport lacks here, and a delivery is held by it", async () => {
    const lacks = new HeadgateError("config_invalid", "The client cannot be loaded.", { hint: "Install it." });
    await using sink = siteSink({ submit: () => Promise.reject(lacks) });
    expect((await verified(sink))[2]).toMatchObject({ status: "failed", detail: lacks.message, fix: lacks.hint });
    const call = sink.deliver(
      chunkOf(sink, [auditEvent({ occurred_at: new Date().toISOString() })]),
      deliveryContext(),
    );
    expect(await call).toEqual({
      status: "blocked",
      error: { code: "config_invalid", message: lacks.message, hint: lacks.hint },
    });
  });

  it("stops at an address that nobody answers at, or that is not allowed", async () => {
    await using rig = await startRig();
    await using nowhere = rig.sink({ url: "http://127.0.0.1:1" });
    const steps = await verified(nowhere);
    expect(said(steps)).toEqual(["address failed", "api key skipped", "test log skipped", "site skipped"]);
    expect(steps[0]?.fix).toContain("listens on that port");
    await using refused = siteSink({ reach: () => Promise.reject(new HttpFailure("address_refused")) });
    const [first] = await verified(refused);
    expect(first).toMatchObject({
      name: "address",
      status: "failed",
      fix: expect.stringContaining("public") as string,
    });
  });

  it("speaks of no TLS where there is none, and stops when it is told to", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    expect((await verified(sink))[0]?.detail).toContain("without TLS");
    const reason = new Error("shutdown");
    const stopped = (async () => {
      for await (const _step of sink.verify?.({ signal: AbortSignal.abort(reason) }) ?? []);
    })();
    await expect(stopped).rejects.toBe(reason);
  });
});
