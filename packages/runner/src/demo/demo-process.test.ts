import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { headgate, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { auditFolder } from "./testing/audit-folder.ts";

interface Summary {
  readonly directory: string;
  readonly streams: readonly {
    readonly organization: string;
    readonly delivered: number;
    readonly pending: number;
    readonly objects: number;
  }[];
}

describe("headgate demo", () => {
  it("streams three organizations, complete and unaltered, and goes on with the same folder", async () => {
    using folder = temporaryFolder();
    const args = ["demo", "--events-per-second", "40", "--for", "2s", "--json"];
    const first = await headgate(args, { cwd: folder.path });
    const second = await headgate(args, { cwd: folder.path });
    expect([first.code, second.code]).toEqual([0, 0]);
    const [before, after] = [first, second].map(({ stdout }) => JSON.parse(stdout) as Summary) as [Summary, Summary];
    expect(after.directory).toBe("./headgate-demo");
    expect(after.streams.map(({ organization }) => organization)).toEqual(["acme", "borealis", "cobalt"]);
    after.streams.forEach(({ organization, delivered, pending, objects }, i) => {
      expect(pending).toBe(0);
      expect(delivered).toBeGreaterThan(before.streams[i]?.delivered ?? 0);
      const found = auditFolder(join(folder.path, "headgate-demo", organization));
      expect(found).toEqual({ events: delivered, objects, problems: [] });
    });
  });

  it("prints lines without a terminal, until SIGTERM, and then says where everything is", async () => {
    using folder = temporaryFolder();
    await using demo = startHeadgate(["demo", "--directory", "here", "--events-per-second", "40", "--json"], {
      cwd: folder.path,
    });
    await demo.said(" acme: active, ");
    demo.kill("SIGTERM");
    const { code, stderr } = await demo.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ cobalt: \w+, \d+ accepted, /m);
    const text = await headgate(["demo", "--directory", "here", "--for", "1s"], { cwd: folder.path });
    expect(text.stdout).toContain("headgate audit here/acme\n");
    expect(text.stdout).not.toContain("\u001b");
  });

  it("serves a console that its address signs in to, on another port where its own is taken", async () => {
    using folder = temporaryFolder();
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const port = String((taken.address() as AddressInfo).port);
    await using demo = startHeadgate(["demo", "--port", port, "--json"], { cwd: folder.path });
    await demo.said(" console: http://127.0.0.1:");
    const address = /console: (\S+)/.exec(demo.stderr())?.[1] ?? "";
    expect(new URL(address).port).not.toBe(port);
    const door = await fetch(address, { redirect: "manual" });
    const [, token = ""] = /^\/#token=(.+)$/.exec(door.headers.get("location") ?? "") ?? [];
    const asked = await fetch(new URL("/v1/streams", address), { headers: { authorization: `Bearer ${token}` } });
    const { streams } = (await asked.json()) as { readonly streams: readonly { readonly name: string }[] };
    expect(streams.map(({ name }) => name)).toEqual(["Acme archive", "Borealis archive", "Cobalt archive"]);
    expect((await fetch(new URL("/v1/streams", address))).status).toBe(401);
    demo.kill("SIGTERM");
    expect((await demo.ended).code).toBe(0);
    taken.close();
  });

  it("says what is wrong with an option", async () => {
    using folder = temporaryFolder();
    const { code, stderr } = await headgate(["demo", "--for", "soon"], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toBe("--for must be a duration such as 30s or 5m.\n");
  });
});
