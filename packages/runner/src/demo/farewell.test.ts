import { describe, expect, it } from "vitest";
import { farewellJson, farewellText } from "./farewell.ts";
import { demoState, demoStream, noon } from "./testing/demo-state.ts";

describe("farewellText", () => {
  it("says where the files are and how to check them", () => {
    const text = farewellText(demoState(), "npx headgate");
    expect(text).toContain("under ./headgate-demo/<organization>/year=");
    expect(text).toContain("  npx headgate audit ./headgate-demo/borealis\n");
    expect(text).toContain("  npx headgate status -c ./headgate-demo/headgate.yaml\n");
    expect(text).toContain("  npx headgate demo\n");
  });

  it("quotes a folder for the shell", () => {
    const text = farewellText(demoState({ directory: "/tmp/it's here" }), "headgate");
    expect(text).toContain("headgate audit '/tmp/it'\\''s here/acme'\n");
    expect(text).toContain("headgate demo --directory '/tmp/it'\\''s here'\n");
  });

  it("tells what is left, and when it is delivered", () => {
    const health = { state: "paused", since: noon, consecutiveFailures: 0 } as const;
    const streams = [demoStream("acme", { status: { pending: 1 } }), demoStream("borealis", { status: { health } })];
    const text = farewellText(demoState({ streams }), "headgate");
    expect(text).toContain("1 event of acme is still pending: kept, and delivered when the demo runs again.\n");
    expect(text).toContain(
      "12 events of borealis are still pending: kept, and delivered once the stream is resumed (p).\n",
    );
  });
});

describe("farewellJson", () => {
  it("has every stream with its objects", () => {
    const { streams } = JSON.parse(farewellJson(demoState())) as { streams: readonly object[] };
    expect(streams[0]).toMatchObject({ id: "acme-files", accepted: 1204, objects: 3 });
    expect(streams).toHaveLength(3);
  });
});
