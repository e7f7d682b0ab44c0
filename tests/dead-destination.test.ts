import { createHeadgate, memoryStore, secret } from "@headgate/core";
import { splunkSink } from "@headgate/sink-splunk";
import { type HecFault, type HecServer, startHecServer } from "@headgate/sink-testkit/hec";
import { describe, expect, it, vi } from "vitest";

const token = "3d7a1d5e-6b1c-4c39-8a52-9c0f3d1e7b42";
const names = Array.from({ length: 10 }, (_, i) => `org_${i}`);
const [dead = "", ...healthy] = names;
const events = 3000;

const deaths: readonly (readonly [string, HecFault, string])[] = [
  ["hangs", { kind: "hang", times: null }, "degraded"],
  ["answers 401", { kind: "code", code: 2, times: null }, "blocked"],
  ["answers 503 as a proxy does", { kind: "html", status: 503, times: null }, "degraded"],
];

// An hour of it is simulated beside core's delivery; here the sink, the sockets and the servers are real.
describe("nine real streams beside one to a collector that", () => {
  it.each(deaths)(
    "%s deliver everything once, and it delivers everything once it is well",
    async (_what, fault, state) => {
      await using stack = new AsyncDisposableStack();
      const servers = new Map<string, HecServer>();
      for (const name of names) {
        const server = stack.use(await startHecServer({ tokens: [{ token }], keep: "ids" }));
        servers.set(name, server);
      }
      servers.get(dead)?.script([fault]);
      const headgate = stack.use(
        createHeadgate({
          // Health events would come among the events that are counted.
          alerts: { auditLog: false },
          store: memoryStore(),
          sinks: [splunkSink({ allowInsecureEndpoint: true })],
          delivery: { retry: { baseMs: 50, capMs: 200, blockedMs: 200 } },
        }),
      );
      await headgate.streams.declare(
        names.map((name) => {
          const url = servers.get(name)?.url ?? "";
          const options = { url, token: secret(token), timeouts: { requestMs: 300 } };
          return { id: name, organization: name, sink: "splunk", options, flush: { maxAgeMs: 50 } };
        }),
      );
      for (const name of names) {
        const batch = Array.from({ length: events }, (_, i) => ({
          id: `e-${i}`,
          action: "a",
          actor: { type: "u", id: "u" },
        }));
        await headgate.append(name, batch);
      }
      const { complete } = await headgate.drain({ patienceMs: 1000 });
      expect(complete).toBe(false);
      const counted = (name: string): readonly number[] => {
        const counts = [...(servers.get(name)?.counts() ?? [])].filter(([id]) => id.startsWith("e-"));
        return [counts.length, ...new Set(counts.map(([, times]) => times))];
      };
      expect(healthy.map(counted)).toEqual(healthy.map(() => [events, 1]));
      const status = await headgate.streams.status(dead);
      expect([status.health.state, status.pending, status.delivered]).toEqual([state, events, 0]);

      servers.get(dead)?.script([]);
      // A drain gives a blocked stream up at once: it is tried again soon, by itself.
      await vi.waitFor(async () => expect((await headgate.drain()).complete).toBe(true), {
        timeout: 60_000,
        interval: 100,
      });
      expect(counted(dead)).toEqual([events, 1]);
    },
    60_000,
  );
});
