import { randomBytes } from "node:crypto";
import { isHeadgateError, silentLogger } from "@headgate/core";
import type { HttpConfig } from "../config/service-config.ts";
import { httpService } from "../http/service.ts";
import { startServer } from "../http/server.ts";
import type { DemoHeadgate } from "./service.ts";

/** The console of a demo, while it is served. */
export interface DemoConsole extends AsyncDisposable {
  /** Leads to the console, signed in as its operator. Valid while the demo runs. */
  readonly url: string;
}

/** What signs a person in, for so long. */
const signedInMs = 24 * 3_600_000;
const tokenName = "demo";

/** Serves API and console on loopback: at `port`, or another one where that is taken. */
export async function serveDemo(headgate: DemoHeadgate, port: number): Promise<DemoConsole> {
  const service = httpService({
    headgate,
    console: true,
    metricsPublic: true,
    // Whoever runs a demo tries destinations on the own machine.
    allowInsecureEndpoints: true,
    metrics: undefined,
    logger: silentLogger,
  });
  for (const { id, name } of await service.tokens.list({ limit: 1000 }))
    if (name === tokenName) await service.tokens.revoke(id);
  const { token } = await service.tokens.create({
    name: tokenName,
    role: "operator",
    expiresAt: Date.now() + signedInMs,
  });
  // Nobody types a whole token off a screen.
  const door = `/demo-${randomBytes(5).toString("hex")}`;
  const handle = (request: Request): Promise<Response> =>
    new URL(request.url).pathname === door
      ? Promise.resolve(new Response(null, { status: 303, headers: { location: `/#token=${token}` } }))
      : service.fetch(request);
  const config: HttpConfig = {
    host: "127.0.0.1",
    port,
    behindProxy: false,
    console: true,
    metricsPublic: true,
  };
  const server = await startServer(handle, config, silentLogger).catch((error: unknown) => {
    if (!isHeadgateError(error, "config_invalid")) throw error;
    return startServer(handle, { ...config, port: 0 }, silentLogger);
  });
  return {
    url: `${server.url}${door}`,
    async [Symbol.asyncDispose]() {
      const closed = server.close(0);
      await service.close();
      await closed;
    },
  };
}
