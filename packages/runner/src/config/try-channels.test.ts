import { describe, expect, it } from "vitest";
import { builtInSinks } from "../sinks.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { loadConfig } from "./load.ts";
import { tryChannels } from "./try-channels.ts";

function attempt(channel: string): void {
  using folder = temporaryFolder();
  const file = folder.write("headgate.yaml", `store: { kind: memory }\nalerts:\n  channels:\n    - ${channel}\n`);
  tryChannels(loadConfig(file, { sinks: builtInSinks }));
}

describe("tryChannels", () => {
  it("finds what only a channel knows, and says where", () => {
    const path = "alerts.channels[0]";
    expect(() =>
      attempt('{ kind: webhook, url: "http://hooks.example.com/", secret: whsec_c2VjcmV0LXRlc3Qta2V5LTAxMjM0NTY3 }'),
    ).toThrow(path);
    expect(() => attempt('{ kind: webhook, url: "https://hooks.example.com/", secret: "no base64!" }')).toThrow(path);
    expect(() => attempt("{ kind: slack, url: nowhere }")).toThrow(path);
  });

  it("takes channels that are right", () => {
    const good = '{ kind: webhook, url: "https://hooks.example.com/", secret: whsec_c2VjcmV0LXRlc3Qta2V5LTAxMjM0NTY3 }';
    expect(() => attempt(good)).not.toThrow();
  });
});
