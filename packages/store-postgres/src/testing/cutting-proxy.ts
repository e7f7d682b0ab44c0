import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way to a database that breaks at commits. */
export interface CuttingProxy extends AsyncDisposable {
  readonly port: number;
  /** What the next commits meet: `lose-reply` cuts once the server has committed, `lose-request` before it hears of it. */
  readonly cuts: ("lose-reply" | "lose-request" | "pass")[];
  /** How many cuts there were. */
  done(): number;
}

const commit = Buffer.from("COMMIT\0");

/** Starts one on loopback, in front of a server's port. */
export async function cuttingProxy(target: number): Promise<CuttingProxy> {
  const cuts: CuttingProxy["cuts"] = [];
  const sockets = new Set<Socket>();
  let done = 0;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    let losing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => {
      const cut = bytes.subarray(-commit.length).equals(commit) ? (cuts.shift() ?? "pass") : "pass";
      if (cut !== "pass") done += 1;
      if (cut === "lose-request") client.destroy();
      else {
        losing ||= cut === "lose-reply";
        upstream.write(bytes);
      }
    });
    upstream.on("data", (bytes) => {
      if (losing) client.destroy();
      else client.write(bytes);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cuts,
    done: () => done,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
