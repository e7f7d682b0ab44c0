import { createHash, randomUUID } from "node:crypto";
import { fdatasyncSync, ftruncateSync, openSync, closeSync, rmSync, writeSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { newEventSchema } from "@headgate/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { type Cost, measureFor } from "./cost.ts";
import { syntheticBody, syntheticEvents } from "./synthetic-events.ts";

/** The parts that are measured. */
export type PartName =
  | "parse"
  | "validate"
  | "stringify"
  | "gzip6"
  | "gzip1"
  | "zstd3"
  | "hash"
  | "write1000"
  | "write100"
  | "putHttp"
  | "putSdk";

/** Cost of each part by itself, on one thread. */
export type Parts = Readonly<Record<PartName, Cost>>;

/** What the measurement of the parts needs. */
export interface PartsParameters {
  /** For each part. */
  readonly seconds: number;
  readonly directory: string;
  readonly endpoint: string;
}

const bodyBytes = 8 * 1024 * 1024;

/** Measures the bare parts one after another: what no program that does this work can go without. */
export async function partsJob({ seconds, directory, endpoint }: PartsParameters): Promise<Parts> {
  const next = syntheticEvents({ seed: 7 });
  const perBody = Math.floor(bodyBytes / (syntheticBody(syntheticEvents({ seed: 7 }), 1000).length / 1000));
  const bodies = Array.from({ length: 4 }, () => syntheticBody(next, perBody));
  const lines = bodies.map((body) => linesOf(body));
  const records = lines[0]?.map((line) => JSON.parse(line.toString()) as object) ?? [];
  const valid = new Ajv2020({ strict: false, validateFormats: false }).compile(newEventSchema);

  const overBodies = (work: (body: Buffer) => unknown) => {
    let at = 0;
    return measureFor(seconds, () => {
      work(bodies[at++ % bodies.length] as Buffer);
      return perBody;
    });
  };

  let round = 0;
  return {
    parse: await measureFor(seconds, () => {
      const batch = lines[round++ % lines.length] ?? [];
      for (const line of batch) JSON.parse(line.toString());
      return batch.length;
    }),
    validate: await measureFor(seconds, () => {
      for (const record of records) if (!valid(record)) throw new Error("a synthetic event is not valid");
      return records.length;
    }),
    stringify: await measureFor(seconds, () => {
      for (const record of records) JSON.stringify(record);
      return records.length;
    }),
    gzip6: await overBodies((body) => gzipSync(body, { level: 6 })),
    gzip1: await overBodies((body) => gzipSync(body, { level: 1 })),
    zstd3: await overBodies((body) => zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 3 } })),
    hash: await overBodies((body) => {
      createHash("sha1").update(body).digest();
      createHash("sha256").update(body).digest();
    }),
    write1000: await measureWrites(seconds, directory, lines.flat(), 1000),
    write100: await measureWrites(seconds, directory, lines.flat(), 100),
    putHttp: await measureHttp(seconds, endpoint, bodies, perBody),
    putSdk: await measureSdk(seconds, endpoint, bodies, perBody),
  };
}

function linesOf(body: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < body.length;) {
    const end = body.indexOf(0x0a, start);
    lines.push(body.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

/** Appends groups to a file, one write and one fdatasync each. */
async function measureWrites(
  seconds: number,
  directory: string,
  lines: readonly Buffer[],
  size: number,
): Promise<Cost> {
  const groups = Array.from({ length: Math.floor(lines.length / size) }, (_, i) =>
    Buffer.concat(lines.slice(i * size, (i + 1) * size)),
  );
  const path = join(directory, `write-${randomUUID()}`);
  const file = openSync(path, "wx");
  let at = 0;
  try {
    return await measureFor(seconds, () => {
      // Begins anew now and then, so that the disk does not fill.
      if (at % groups.length === 0) ftruncateSync(file, 0);
      writeSync(file, groups[at++ % groups.length] as Buffer);
      fdatasyncSync(file);
      return size;
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

async function measureHttp(
  seconds: number,
  endpoint: string,
  bodies: readonly Buffer[],
  perBody: number,
): Promise<Cost> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let at = 0;
  const put = (): Promise<number> =>
    new Promise((resolve, reject) => {
      const body = bodies[at++ % bodies.length] as Buffer;
      request(`${endpoint}/bench/http-${at}`, { method: "PUT", agent, headers: { "content-length": body.length } })
        .on("error", reject)
        .on("response", (response) => response.resume().on("end", () => resolve(perBody)))
        .end(body);
    });
  try {
    return await measureFor(seconds, put);
  } finally {
    agent.destroy();
  }
}

/** The SDK as it comes, with its own defaults. */
async function measureSdk(
  seconds: number,
  endpoint: string,
  bodies: readonly Buffer[],
  perBody: number,
): Promise<Cost> {
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "bench", secretAccessKey: "bench" },
  });
  let at = 0;
  try {
    return await measureFor(seconds, async () => {
      const Body = bodies[at++ % bodies.length] as Buffer;
      await client.send(new PutObjectCommand({ Bucket: "bench", Key: `sdk-${at}`, Body }));
      return perBody;
    });
  } finally {
    client.destroy();
  }
}
