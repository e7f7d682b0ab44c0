import { describe, expect, it } from "vitest";
import { addressRefusedCode } from "@headgate/egress";
import type { ConnectionLease } from "./connections.ts";
import { sharedConnections } from "./connections.ts";
import { defaultTimeouts } from "./settings.ts";
import { startFake } from "./testing/fake.ts";

/** One plain request through a handler. */
async function request({ handler }: ConnectionLease, url: string): Promise<number> {
  const { hostname, port } = new URL(url);
  const plain = { protocol: "http:", hostname, port: Number(port), method: "GET", path: "/", headers: {} };
  const { response } = await handler.handle(plain as Parameters<typeof handler.handle>[0]);
  (response.body as NodeJS.ReadableStream).resume();
  return response.statusCode;
}

describe("sharedConnections", () => {
  const open = (connections: ReturnType<typeof sharedConnections>, guarded = false): ConnectionLease =>
    connections.open({ timeouts: defaultTimeouts, guarded });

  it("gives every client of the same kind the same sockets, until the last lets go", async () => {
    await using fake = await startFake();
    const connections = sharedConnections();
    const agent = async (lease: ConnectionLease): Promise<unknown> => {
      await request(lease, fake.server.endpoint).catch(() => {});
      return lease.handler.httpHandlerConfigs().httpAgent;
    };
    const [one, two, guarded] = [open(connections), open(connections), open(connections, true)];
    const shared = await agent(one);
    expect(await agent(two)).toBe(shared);
    expect(await agent(guarded)).not.toBe(shared);
    one.release();
    one.release();
    const three = open(connections);
    expect(await agent(three)).toBe(shared);
    two.release();
    three.release();
    expect(await agent(open(connections))).not.toBe(shared);
  });

  it("does not connect where a customer's name leads to a private address", async () => {
    await using fake = await startFake();
    const connections = sharedConnections();
    const url = fake.server.endpoint.replace("127.0.0.1", "localhost");
    await expect(request(open(connections, true), url)).rejects.toMatchObject({ code: addressRefusedCode });
    expect(fake.server.requests).toHaveLength(0);
    expect(await request(open(connections), fake.server.endpoint)).toBe(403);
  });
});
