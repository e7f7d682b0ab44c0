import { execFile } from "node:child_process";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { loopbackTls, type TlsIdentity } from "@headgate/sink-testkit";
import { afterEach, describe, expect, it } from "vitest";
import { httpClient, type HttpClientOptions } from "./http-client.ts";

interface TlsServer extends AsyncDisposable {
  readonly port: number;
  readonly requests: () => number;
}

async function tlsServer(identity: TlsIdentity, maxVersion?: "TLSv1.1"): Promise<TlsServer> {
  let requests = 0;
  const versions = maxVersion && { maxVersion, minVersion: "TLSv1" as const, ciphers: "DEFAULT@SECLEVEL=0" };
  const server = createServer({ ...identity, ...versions }, (_request, response) => {
    requests++;
    response.end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function get(port: number, options: HttpClientOptions, host = "127.0.0.1"): Promise<unknown> {
  await using client = httpClient({ allow: ["127.0.0.0/8", "::1"], ...options });
  const url = new URL(`https://${host}:${port}`);
  const signal = new AbortController().signal;
  return await client.send({ url, method: "GET", headers: {}, signal }).catch((error: unknown) => error);
}

const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
afterEach(() => {
  if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
});

const { ca } = loopbackTls;

describe("TLS", () => {
  it("trusts a certificate of an authority that was named, by address and by name", async () => {
    await using server = await tlsServer(loopbackTls);
    expect(await get(server.port, { ca })).toMatchObject({ status: 200 });
    expect(await get(server.port, { ca }, "localhost")).toMatchObject({ status: 200 });
  });

  it("refuses an authority that nobody named, and a certificate for another host, before anything is sent", async () => {
    await using server = await tlsServer(loopbackTls);
    expect(await get(server.port, {})).toMatchObject({ kind: "certificate", code: "SELF_SIGNED_CERT_IN_CHAIN" });
    await using wrong = await tlsServer(loopbackTls.wrongHost);
    expect(await get(wrong.port, { ca })).toMatchObject({ kind: "certificate", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect([server.requests(), wrong.requests()]).toEqual([0, 0]);
  });

  it("verifies whatever the environment says, also where the operator allows any address", async () => {
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    await using server = await tlsServer(loopbackTls);
    expect(await get(server.port, { insecure: true })).toMatchObject({ kind: "certificate" });
  });

  it("speaks no version before 1.2", async () => {
    await using server = await tlsServer(loopbackTls, "TLSv1.1");
    expect(await get(server.port, { ca })).toMatchObject({ kind: "unreachable" });
  });

  it("speaks none before 1.2 where the process would, with an authority of its own and without", async () => {
    await using server = await tlsServer(loopbackTls, "TLSv1.1");
    const script = `
      import { httpClient } from "@headgate/egress";
      const [ca, address] = process.argv.slice(1);
      for (const options of [{ ca }, {}]) {
        await using client = httpClient({ insecure: true, ...options });
        const request = { url: new URL(address), method: "GET", headers: {}, signal: new AbortController().signal };
        console.log(await client.send(request).then(({ status }) => status, ({ kind }) => kind));
      }
    `;
    const old = ["--tls-min-v1.0", "--tls-cipher-list=DEFAULT@SECLEVEL=0"];
    const args = [...old, "--conditions=@headgate/source", "--input-type=module", "-e", script];
    const given = ["--", ca, `https://127.0.0.1:${server.port}`];
    const { stdout } = await promisify(execFile)(process.execPath, [...args, ...given], { cwd: import.meta.dirname });
    expect(stdout.trim().split("\n")).toEqual(["unreachable", "unreachable"]);
    expect(server.requests()).toBe(0);
  });

  it("keeps the machine's authorities beside the one that was named", async () => {
    await using server = await tlsServer(loopbackTls);
    await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-egress-"));
    const authorities = join(folder.path, "authorities.pem");
    await writeFile(authorities, ca);
    const script = `
      import { httpClient } from "@headgate/egress";
      await using client = httpClient({ insecure: true, ca: process.argv[1] });
      const url = new URL(process.argv[2]);
      console.log((await client.send({ url, method: "GET", headers: {}, signal: new AbortController().signal })).status);
    `;
    const args = ["--conditions=@headgate/source", "--input-type=module", "-e", script];
    const given = ["--", loopbackTls.wrongHost.cert, `https://127.0.0.1:${server.port}`];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: authorities };
    const { stdout } = await promisify(execFile)(process.execPath, [...args, ...given], {
      cwd: import.meta.dirname,
      env,
    });
    expect(stdout.trim()).toBe("200");
  });

  it("refuses an authority that is no certificate when it is named, not when it is needed", () => {
    expect(() => httpClient({ ca: "garbage" })).toThrow(/no certificate/);
  });
});
