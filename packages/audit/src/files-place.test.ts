import { Readable } from "node:stream";
import { expect, it } from "vitest";
import { audit } from "./audit.ts";
import { filesPlace } from "./files-place.ts";
import { signer } from "./testing/buckets.ts";
import { endOf, type Files, writeChain } from "./testing/honest-chain.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

it("takes a file that a list names more than once for one file, digests too", async () => {
  using folder = temporaryFolder();
  const files: Files = new Map();
  await writeChain(files, { stream: "a", hours: [["delivered", "delivered"], []] }, signer);
  for (const [key, bytes] of files) folder.write(key, Buffer.from(bytes));
  const paths = [...files.keys()].map((key) => `${folder.path}/${key}`);
  const again = paths.map((path) => path.replace("/", "//").replace(/\/(?=[^/]*$)/, "/./"));
  const list = [...paths, ...again, ...paths.toReversed()].join("\n");
  const report = await audit(filesPlace(Readable.from([list])), { until: endOf(2), keys: signer.published });
  expect(report).toMatchObject({ complete: true, proven: true, findings: [], digests: 2, objects: 2 });
});
