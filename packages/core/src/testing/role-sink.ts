import type { SinkDefinition } from "../sink.ts";

/** What a stream to a place is made with, as a role or as nobody. */
export interface RoleOptions {
  readonly place: string;
  readonly role?: string;
}

/** A destination where a role belongs to one organization, and that takes everything. */
export function roleSink(made: RoleOptions[] = []): SinkDefinition<"place", RoleOptions> {
  return {
    type: "place",
    schema: {},
    fromConfig: () => ({ place: "" }),
    location: ({ place }) => place,
    tenancy: ({ role }) => role?.toLowerCase(),
    create: (options) => {
      made.push(options);
      return {
        name: "place",
        acknowledgement: "accepted",
        partition: "none",
        host: "place.test",
        limits: { maxEvents: 10, maxBytes: 1e6, maxEventBytes: 1e6, concurrency: 1 },
        flush: { maxAgeMs: 1, maxBytes: 1e6, maxEvents: 10 },
        encoding: "",
        deliver: async ({ key }) => ({ status: "delivered", receipt: key }),
        async *verify() {
          yield { name: "place", status: "ok", detail: "It is there." };
        },
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}
