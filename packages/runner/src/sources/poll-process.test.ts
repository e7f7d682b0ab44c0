import type { AuditEvent } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { headgate, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import type { LogServer } from "./testing/log-server.ts";
import { services } from "./testing/poll-bench.ts";

describe.each(services)("a runner that polls $name", (service) => {
  /** The keys of the source. */
  const settings = ({ url }: LogServer): string => {
    const org = service.name === "github" ? "org: acme, " : "";
    const api = `{ ${org}url: "${url.origin}", token: "\${env:TOKEN}" }`;
    return `kind: ${service.name}, organization: acme, api: ${api}, allow_insecure_endpoint: true`;
  };

  it("and is killed again and again has each record of the log exactly once", async () => {
    using folder = temporaryFolder();
    await using server = await service.log({ pageSize: 40, repeats: 2 });
    let made = 0;
    /** Records, most of them as they are made, some up to a second late. */
    const log = (count: number): void => {
      for (let index = 0; index < count; index++) {
        const at = Date.now() - Math.floor(Math.random() * 50);
        const late = Math.random() < 0.2 ? Math.random() * 1000 : 50;
        server.log(service.record(`r${++made}`, at, at + late));
      }
    };
    const config = folder.write(
      "headgate.yaml",
      `store: { kind: sqlite, path: ./headgate.db }
delivery: { lease_ttl: 300ms, retry_base: 50ms }
sources:
  - { ${settings(server)}, every: 50ms, overlap: 5s }
`,
    );
    const options = { cwd: folder.path, env: { TOKEN: service.token } };
    log(500);
    for (let life = 0; life < 5; life++) {
      await using runner = startHeadgate(["run", "-c", config], options);
      const { promise: enough, resolve } = Promise.withResolvers<void>();
      const most = 2 + Math.floor(Math.random() * 30);
      let requests = 0;
      server.onRequest = () => {
        log(5);
        if (++requests === most) resolve();
      };
      await Promise.race([enough, runner.ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
      runner.kill("SIGKILL");
      await runner.ended.catch(() => {});
    }
    server.onRequest = () => {};
    // The latest of them shows up; by then the list is complete.
    await pause(1050);
    const { code, stdout, stderr } = await headgate(["run", "-c", config, "--once"], options);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^(github acme|okta 127\.0\.0\.1:\d+) +\d/m);

    await using store = sqliteStore({ path: `${folder.path}/headgate.db` });
    await store.open();
    const found: string[] = [];
    for await (const { body } of store.journal.read("acme", { after: 0 }))
      for (const line of Buffer.from(body).toString().trimEnd().split("\n"))
        found.push((JSON.parse(line) as AuditEvent).id);
    expect(found.sort()).toEqual(Array.from({ length: made }, (_, index) => `r${index + 1}`).sort());
    expect(made).toBeGreaterThan(500);
    expect(server.faults).toEqual([]);
    expect(stdout + stderr).not.toContain(service.token);
  });

  it("says in one sentence that a token is refused, and exits with 1 with once", async () => {
    using folder = temporaryFolder();
    await using server = await service.log({});
    const config = folder.write(
      "headgate.yaml",
      `store: { kind: memory }
log: { level: silent }
sources:
  - { ${settings(server)} }
`,
    );
    const options = { cwd: folder.path, env: { TOKEN: "wr0ng" } };
    const { code, stderr } = await headgate(["run", "-c", config, "--once"], options);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^(GitHub|Okta) does not accept the token of the source \(HTTP 401\)\. Put a valid token under .*\n$/,
    );
  });

  it("ends at SIGTERM while it waits for its next look", async () => {
    using folder = temporaryFolder();
    await using server = await service.log({});
    server.log(service.record("r1", Date.now() - 1000));
    const config = folder.write(
      "headgate.yaml",
      `store: { kind: memory }
sources:
  - { ${settings(server)}, every: 1h }
`,
    );
    await using runner = startHeadgate(["run", "-c", config], { cwd: folder.path, env: { TOKEN: service.token } });
    await runner.said("a source has been read to its present end");
    runner.kill("SIGTERM");
    expect((await runner.ended).code).toBe(0);
  });
});
