import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempDisposableSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestSigner } from "@headgate/core";
import { loopbackTls } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
// oxlint-disable-next-line no-restricted-imports -- no package exports what writes a chain for tests
import { endOf, type Files, writeChain } from "../../packages/audit/src/testing/honest-chain.ts";
import { deleteObject, emptyPrefix, putObject, s3Server } from "../crash/bucket.ts";

const cli = fileURLToPath(new URL("../../packages/audit/src/cli.ts", import.meta.url));
const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});
const keySet = JSON.stringify(signer.published);
const until = ["--until", new Date(endOf(3)).toISOString()];
const hours = [["delivered", "delivered", "delivered"], ["delivered", "quarantined"], ["delivered"]] as const;

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a process of its own, with nothing of this one's environment but what is given. */
function audit(
  cwd: string,
  args: readonly string[],
  more: { readonly env?: object; readonly input?: string } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@headgate/source", cli, ...args],
      { cwd, env: { TMPDIR: tmpdir(), ...more.env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin?.end(more.input ?? "");
  });
}

async function bucket(prefix = ""): Promise<Files> {
  const files: Files = new Map();
  await writeChain(files, { stream: "a", organization: "org_a", prefix: `${prefix}a/`, hours }, signer);
  const b = { stream: "b", organization: "org_b", prefix: `${prefix}b/`, compression: "gzip", hours } as const;
  await writeChain(files, b, signer);
  return files;
}

interface Copied extends Disposable {
  readonly path: string;
  readonly files: readonly string[];
  /** Removes what matches from the copy. */
  remove(what: RegExp): void;
}

async function copied(): Promise<Copied> {
  const folder = mkdtempDisposableSync(join(tmpdir(), "headgate-"));
  writeFileSync(join(folder.path, "keys.json"), keySet);
  writeFileSync(join(folder.path, "ca.pem"), loopbackTls.ca);
  const files = await bucket();
  for (const [key, bytes] of files) {
    mkdirSync(dirname(join(folder.path, "copy", key)), { recursive: true });
    writeFileSync(join(folder.path, "copy", key), bytes);
  }
  return {
    path: folder.path,
    files: [...files.keys()],
    remove: (what) => {
      for (const key of files.keys()) if (what.test(key)) rmSync(join(folder.path, "copy", key));
    },
    [Symbol.dispose]: () => folder.remove(),
  };
}

async function keyServer(): Promise<AsyncDisposable & { readonly origin: string }> {
  const server = createServer(loopbackTls, (request, reply) => {
    if (request.url === "/keys.json") reply.end(keySet);
    else if (request.url === "/moved") reply.writeHead(302, { location: "/keys.json" }).end();
    else reply.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

describe("headgate-audit --keys", () => {
  it("reads keys from a server whose certificate is trusted, and from no other", async () => {
    using copy = await copied();
    await using server = await keyServer();
    const env = { NODE_EXTRA_CA_CERTS: join(copy.path, "ca.pem") };
    const from = (path: string): string[] => ["copy", "--keys", `${server.origin}${path}`, "--json", ...until];
    const trusted = await audit(copy.path, from("/keys.json"), { env });
    expect(trusted.stderr).toBe("");
    expect(JSON.parse(trusted.stdout)).toMatchObject({ proven: true, signatures: "valid" });
    for (const [args, more] of [
      [from("/keys.json"), {}],
      [from("/moved"), { env }],
      [from("/gone"), { env }],
    ] as const) {
      const refused = await audit(copy.path, args, more);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toMatch(/The keys at https:.* cannot be read/);
    }
    const plain = ["copy", "--keys", `${server.origin.replace("https", "http")}/keys.json`];
    expect(await audit(copy.path, plain, { env })).toMatchObject({ code: 2 });
  });
});

describe("headgate-audit on a folder", () => {
  const keys = ["--keys", "keys.json", "--json"];

  it("looks at one stream alone with --stream", async () => {
    using copy = await copied();
    copy.remove(/^b\/year=/);
    const of = (stream: string): Promise<Ended> => audit(copy.path, ["copy", ...keys, ...until, "--stream", stream]);
    const a = await of("a");
    expect(a.code).toBe(0);
    expect(JSON.parse(a.stdout)).toMatchObject({ proven: true, chains: [{ stream: "a", complete: true }], digests: 3 });
    const b = await of("b");
    expect(b.code).toBe(3);
    expect(JSON.parse(b.stdout)).toMatchObject({ complete: false, chains: [{ stream: "b", complete: false }] });
    const nobody = await of("nobody");
    expect(nobody.code).toBe(3);
    expect(JSON.parse(nobody.stdout)).toMatchObject({ findings: [{ kind: "digests_absent" }], chains: [] });
  });

  it("neither needs nor reads what is before --from", async () => {
    using copy = await copied();
    const later = ["copy", ...keys, ...until, "--from", "2025-07-16T11:00:00Z"];
    const read = { proven: true, digests: 4, objects: 4, chains: [{ numbers: [2, 3] }, { numbers: [2, 3] }] };
    const whole = await audit(copy.path, later);
    expect([whole.code, JSON.parse(whole.stdout)]).toMatchObject([0, read]);
    // The first digests, and what they name: it was stored a second after ten.
    copy.remove(/_digests\/.*0000000001\.json|hour=10/);
    expect(await audit(copy.path, ["copy", ...keys, ...until])).toMatchObject({ code: 3 });
    const rest = await audit(copy.path, later);
    expect([rest.code, JSON.parse(rest.stdout)]).toMatchObject([0, read]);
    expect(await audit(copy.path, ["copy", "--from", "yesterday"])).toMatchObject({ code: 2 });
  });

  it("reads the files that a list names, in any order, also from standard input", async () => {
    using copy = await copied();
    const list = copy.files.map((key) => `./copy/${key}`).toReversed();
    writeFileSync(join(copy.path, "list"), list.join("\n"));
    const args = [...keys, ...until];
    const given = await audit(copy.path, ["--files", "list", ...args]);
    expect([given.code, (JSON.parse(given.stdout) as { digests: number }).digests]).toEqual([0, 6]);
    const input = list.filter((path) => !path.endsWith("0000000002.json")).join("\n");
    const piped = await audit(copy.path, ["--files", "-", ...args], { input });
    expect(piped.code).toBe(3);
    const { findings } = JSON.parse(piped.stdout) as { findings: readonly { kind: string; stream?: string }[] };
    const holes = findings.filter(({ kind }) => kind === "digest_missing");
    expect(holes.map(({ stream }) => stream)).toEqual(["a", "b"]);
    expect(await audit(copy.path, ["--files", "list", "copy"])).toMatchObject({ code: 2 });
    expect(await audit(copy.path, ["--files", "gone"])).toMatchObject({ code: 1 });
  });
});

const available = process.env["RGW_ENDPOINT"] !== undefined;
if (!available && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
  throw new Error("RGW_ENDPOINT is not set, and HEADGATE_REQUIRE_SERVICES asks for the S3 server.");

describe.skipIf(!available)("headgate-audit on a real S3 server", () => {
  it("proves a prefix with signed digests, a stream's part of it, and finds what is deleted from it", async () => {
    using copy = await copied();
    const server = s3Server();
    const prefix = `audit-${randomBytes(6).toString("hex")}/`;
    const files = await bucket(prefix);
    for (const [key, bytes] of files) await putObject(server, key, bytes);
    const where = ["--endpoint", server.endpoint, "--region", "us-east-1", "--force-path-style", "--keys", "keys.json"];
    const env = {
      AWS_ACCESS_KEY_ID: process.env["RGW_ADMIN_ACCESS_KEY_ID"],
      AWS_SECRET_ACCESS_KEY: process.env["RGW_ADMIN_SECRET_ACCESS_KEY"],
    };
    const at = (part: string): Promise<Ended> =>
      audit(copy.path, [`s3://${server.bucket}/${prefix}${part}`, ...where, ...until, "--json"], { env });
    try {
      const whole = await at("");
      expect(JSON.parse(whole.stdout)).toMatchObject({ proven: true, digests: 6, events: 10, signatures: "valid" });
      expect(whole.code).toBe(0);
      expect(JSON.parse((await at("b/")).stdout)).toMatchObject({ proven: true, digests: 3, events: 5 });
      const gone = [...files.keys()].find((key) => key.endsWith(".json.gz")) as string;
      await deleteObject(server, gone);
      const damaged = await at("");
      expect(damaged.code).toBe(3);
      expect(JSON.parse(damaged.stdout)).toMatchObject({
        complete: false,
        findings: [{ kind: "object_missing", key: gone, stream: "b" }, { kind: "sequences_missing" }],
      });
    } finally {
      await emptyPrefix(server, prefix);
    }
  });
});
