import { HeadgateError, type Sink, type SinkDefinition } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { loadConfig } from "./load.ts";
import { ConfigError } from "./problem.ts";
import { trySinks } from "./try-sinks.ts";

const yaml = `store: { kind: memory }
streams:
  - { id: good, organization: o, sink: test, options: {} }
  - { id: bad, organization: o, sink: test, options: {} }
`;

describe("trySinks", () => {
  it("disposes of what it makes, and reports what a sink finds at its stream", async () => {
    using folder = temporaryFolder();
    const disposed: string[] = [];
    const sink: SinkDefinition = {
      type: "test",
      schema: { type: "object" },
      fromConfig: () => ({}),
      create(_options, { stream }) {
        if (stream === "bad") throw new HeadgateError("sink_options_invalid", "It is bad.", { hint: "Mend it." });
        return { [Symbol.asyncDispose]: async () => void disposed.push(stream) } as unknown as Sink;
      },
    };
    const file = folder.write("headgate.yaml", yaml);
    const error: unknown = await trySinks(loadConfig(file, { sinks: [sink] }), [sink]).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).problems).toEqual([
      { path: "streams[1].options", message: "It is bad. Mend it.", line: 4 },
    ]);
    expect(disposed).toEqual(["good"]);
  });
});
