import { createHash } from "node:crypto";
import { type Digest, type DigestSigner, digestFile, digestHash, digestLine } from "@headgate/core";
import type { FindingKind } from "../finding.ts";
import {
  about,
  boundsOf,
  type BucketModel,
  bytesAt,
  type Expected,
  type Gone,
  linesOf,
  type ModelObject,
  storedLines,
  withoutDigests,
} from "./bucket-model.ts";
import type { Files } from "./honest-chain.ts";

/** A bucket, the stream in it that is to be damaged, and what the damage is drawn from. */
export interface Scene {
  readonly files: Files;
  readonly model: BucketModel;
  readonly seed: number;
  /** Another stream's prefix. */
  readonly neighbour: string;
  /** Not among the published keys. */
  readonly stranger: DigestSigner;
}

/** What a damage must be told of as. */
export interface Damage {
  readonly found: readonly Expected[];
  /** What of it follows for digests and sequences. @default nothing */
  readonly gone?: Gone;
  /** Kinds that may be found as well: what altered bytes say is anybody's guess. @default none, and gaps as the model has them */
  readonly also?: readonly FindingKind[];
}

const guesses: readonly FindingKind[] = ["sequences_missing", "sequences_repeated", "counts_wrong"];

const pick = <T>(items: readonly T[], seed: number): T => items[seed % items.length] as T;
const severalLines = ({ objects }: BucketModel): readonly ModelObject[] =>
  objects.filter(({ sequences }) => sequences.length > 1);

function move(files: Files, from: string, to: string): void {
  files.set(to, bytesAt(files, from));
  files.delete(from);
}

function moved({ files, model, seed }: Scene, rename: (key: string) => string): Damage {
  const object = pick(model.objects, seed);
  const key = rename(object.key);
  move(files, object.key, key);
  return { found: [{ kind: "object_moved", ...about(object), key, belongs: object.key }] };
}

function flip(files: Files, key: string, seed: number): void {
  const bytes = Uint8Array.from(bytesAt(files, key));
  const at = (seed >>> 8) % bytes.length;
  bytes[at] = (bytes[at] as number) ^ (1 + (seed % 255));
  files.set(key, bytes);
}

/** Digests from one number to another are gone, with their objects or without. */
function cut({ files, model }: Scene, from: number, to: number, withObjects: boolean): Damage {
  const digests = new Set<number>();
  const objects = new Set<string>();
  for (const { key, digest } of model.digests) {
    if (digest.number < from || digest.number > to) continue;
    files.delete(key);
    digests.add(digest.number);
    for (const object of withObjects ? (digest.objects ?? []) : []) {
      files.delete(object.key);
      objects.add(object.key);
    }
  }
  return { found: withoutDigests(model, digests, objects), gone: { digests, objects } };
}

/** Signs a chain's digests anew, after an alteration, with a key of one's own. */
async function rewrite({ files, model, stranger }: Scene, alter: (digest: Digest) => Digest): Promise<Expected> {
  let previous: string | null = null;
  for (const { key, digest } of model.digests) {
    const line = digestLine({ ...alter(digest), previous });
    previous = digestHash(line);
    files.set(key, digestFile(line, await stranger.sign(line)));
  }
  return { kind: "signature_of_unknown_key", digests: [1, model.digests.length] };
}

function altered(scene: Scene, alter: (lines: readonly string[]) => readonly string[]): ModelObject {
  const object = pick(severalLines(scene.model), scene.seed);
  scene.files.set(object.key, storedLines(object.key, alter(linesOf(scene.files, object.key))));
  return object;
}

/** Each damage to a bucket. */
export const damages: Readonly<Record<string, (scene: Scene) => Damage | Promise<Damage>>> = {
  "an object deleted": ({ files, model, seed }) => {
    const object = pick(model.objects, seed);
    files.delete(object.key);
    return { found: [{ kind: "object_missing", ...about(object) }], gone: { objects: new Set([object.key]) } };
  },
  "every object deleted": ({ files, model }) => {
    for (const { key } of model.objects) files.delete(key);
    return {
      found: model.objects.map((object) => ({ kind: "object_missing", ...about(object) })),
      gone: { objects: new Set(model.objects.map(({ key }) => key)) },
    };
  },
  "a byte of an object altered": ({ files, model, seed }) => {
    const object = pick(model.objects, seed);
    flip(files, object.key, seed);
    return { found: [{ kind: "object_altered", ...about(object) }], also: guesses };
  },
  "an object truncated": ({ files, model, seed }) => {
    const object = pick(model.objects, seed);
    const bytes = bytesAt(files, object.key);
    files.set(object.key, bytes.subarray(0, (seed >>> 8) % bytes.length));
    return { found: [{ kind: "object_altered", ...about(object) }], also: guesses };
  },
  "two objects swapped": ({ files, model, seed }) => {
    const [a, b] = [pick(model.objects, seed), pick(model.objects, seed + 1)];
    const held = bytesAt(files, a.key);
    files.set(a.key, bytesAt(files, b.key));
    files.set(b.key, held);
    return {
      found: [
        { kind: "object_altered", ...about(a), belongs: b.key },
        { kind: "object_altered", ...about(b), belongs: a.key },
      ],
      also: guesses,
    };
  },
  "an object renamed": (scene) => moved(scene, (key) => key.replace(/_([0-9a-f]{40})/, `_${"0".repeat(40)}`)),
  "an object moved to another hour": (scene) => moved(scene, (key) => key.replace(/hour=\d\d/, "hour=23")),
  "an object moved under another stream": (scene) =>
    moved(scene, (key) => `${scene.neighbour}${key.slice(key.indexOf("year="))}`),
  "an object moved aside": (scene) => {
    const damage = moved(scene, (key) => `_old/${key}`);
    return { ...damage, gone: { objects: new Set([damage.found[0]?.belongs as string]) } };
  },
  "an object doubled": ({ files, model, seed }) => {
    const object = pick(model.objects, seed);
    const key = object.key.replace(/day=\d\d/, "day=28");
    files.set(key, bytesAt(files, object.key));
    return { found: [{ kind: "object_copied", key, belongs: object.key, sequences: boundsOf(object.sequences) }] };
  },
  "lines reordered": (scene) => ({
    found: [{ kind: "object_altered", ...about(altered(scene, (lines) => lines.toReversed())) }],
  }),
  "a line deleted": (scene) => {
    const at = scene.seed % 2;
    const object = altered(scene, (lines) => lines.toSpliced(at, 1));
    const sequences = new Set([object.sequences[at] as number]);
    return { found: [{ kind: "object_altered", ...about(object) }], gone: { sequences } };
  },
  "a line doubled": (scene) => {
    const object = altered(scene, ([first = "", ...rest]) => [first, first, ...rest]);
    const sequences = boundsOf(object.sequences.slice(0, 1));
    return {
      found: [
        { kind: "object_altered", ...about(object) },
        { kind: "sequences_repeated", key: object.key, sequences },
      ],
    };
  },
  "events slipped in": ({ files, model, seed }) => {
    const { key: like, sequences } = pick(model.objects, seed);
    const bytes = storedLines(like, [...linesOf(files, like), "\n"]);
    const key = like.replace(/[0-9a-f]{40}/, createHash("sha1").update(bytes).digest("hex"));
    files.set(key, bytes);
    return { found: [{ kind: "object_unnamed", key, sequences: boundsOf(sequences) }] };
  },
  "a digest deleted": (scene) => {
    const number = 1 + (scene.seed % scene.model.digests.length);
    return cut(scene, number, number, false);
  },
  "the head cut, with its objects or without": (scene) =>
    cut(scene, 1, 1 + (scene.seed % (scene.model.digests.length - 1)), scene.seed % 2 === 0),
  "the tail cut, with its objects or without": (scene) =>
    cut(scene, 2 + (scene.seed % (scene.model.digests.length - 1)), Number.POSITIVE_INFINITY, scene.seed % 2 === 0),
  "the middle cut out with its objects": (scene) => cut(scene, 2, scene.model.digests.length - 1, true),
  "every digest deleted": ({ files, model }) => {
    for (const { key } of model.digests) files.delete(key);
    return {
      found: model.objects.map(({ key, sequences }) => ({
        kind: "object_unnamed",
        key,
        sequences: boundsOf(sequences),
      })),
      gone: { digests: new Set(model.digests.map(({ digest }) => digest.number)) },
    };
  },
  "a digest without its signature": (scene) => {
    const { files, model, seed } = scene;
    const { key, digest } = pick(model.digests, seed);
    const bytes = bytesAt(files, key);
    const { found, gone = {} } = cut(scene, digest.number, digest.number, false);
    files.set(key, bytes.subarray(0, bytes.indexOf(10) + 1));
    return { found: [{ kind: "signature_missing", key }, ...found], gone };
  },
  "two signatures swapped": ({ files, model }) => {
    const lines = (key: string): readonly string[] => Buffer.from(bytesAt(files, key)).toString().split("\n");
    const [a, b] = model.digests as [BucketModel["digests"][number], BucketModel["digests"][number]];
    const [[oneLine, oneSignature], [otherLine, otherSignature]] = [lines(a.key), lines(b.key)];
    files.set(a.key, Buffer.from(`${oneLine}\n${otherSignature}\n`));
    files.set(b.key, Buffer.from(`${otherLine}\n${oneSignature}\n`));
    return { found: [{ kind: "signature_wrong", digests: [1, 2] }] };
  },
  "a digest moved to another folder": ({ files, model, seed }) => {
    const { key: belongs, digest } = pick(model.digests, seed);
    const key = belongs.replace("_digests/", "_digests/old/");
    move(files, belongs, key);
    return { found: [{ kind: "digest_moved", digests: [digest.number, digest.number], key, belongs }] };
  },
  "two digests swapped": ({ files, model, seed }) => {
    const [a, b] = [pick(model.digests, seed), pick(model.digests, seed + 1)];
    const held = bytesAt(files, a.key);
    files.set(a.key, bytesAt(files, b.key));
    files.set(b.key, held);
    const movedTo = ({ key, digest: { number } }: typeof a, place: string): Expected => ({
      kind: "digest_moved",
      digests: [number, number],
      key: place,
      belongs: key,
    });
    return { found: [movedTo(a, b.key), movedTo(b, a.key)] };
  },
  "an old digest replayed": ({ files, model, seed }) => {
    const { key: belongs, digest } = pick(model.digests, seed);
    const key = belongs.replace(/\d{10}\.json$/, "0000000099.json");
    files.set(key, bytesAt(files, belongs));
    return { found: [{ kind: "digest_copied", digests: [digest.number, digest.number], key, belongs }] };
  },
  "an old digest in the place of another": (scene) => {
    const { files, model } = scene;
    const [old, second] = model.digests as [BucketModel["digests"][number], BucketModel["digests"][number]];
    const bytes = bytesAt(files, old.key);
    const { found, gone = {} } = cut(scene, 2, 2, false);
    files.set(second.key, bytes);
    return { found: [{ kind: "digest_copied", digests: [1, 1], key: second.key, belongs: old.key }, ...found], gone };
  },
  "a forged digest beside the true one": async ({ files, model, seed, stranger }) => {
    const { key: belongs, digest } = pick(model.digests, seed);
    const line = digestLine({ ...digest, filtered_by: { forged: true } });
    const key = belongs.replace(/\.json$/, "-2.json");
    files.set(key, digestFile(line, await stranger.sign(line)));
    return { found: [{ kind: "digest_fork", digests: [digest.number, digest.number], key, belongs }] };
  },
  "the chain signed anew with another key": async (scene) => ({ found: [await rewrite(scene, (digest) => digest)] }),
  "an object dropped with its mention, and signed with another key": async (scene) => {
    const { files, model, seed } = scene;
    const { key } = pick(model.objects, seed);
    files.delete(key);
    const found = await rewrite(scene, (digest) => ({
      ...digest,
      objects: (digest.objects ?? []).filter((object) => object.key !== key),
    }));
    return { found: [found], gone: { objects: new Set([key]) } };
  },
};

/** A byte of a digest altered: what it says then is anybody's guess, so this one is told apart by its caller. */
export function alterDigest({ files, model, seed }: Scene): { readonly key: string; readonly number: number } {
  const { key, digest } = pick(model.digests, seed);
  flip(files, key, seed);
  return { key, number: digest.number };
}
