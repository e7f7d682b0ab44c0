// Runs one measurement in this process, so that nothing but it is counted: `job.ts NAME PARAMETERS`.
import { appendJob, fillJob } from "./append-job.ts";
import { bucketJob, hashFolderJob } from "./audit-job.ts";
import { exportJob } from "./export-job.ts";
import { partsJob } from "./parts-job.ts";
import { streamsJob } from "./streams-job.ts";

const jobs: Readonly<Record<string, (parameters: never) => Promise<unknown>>> = {
  append: appendJob,
  fill: fillJob,
  parts: partsJob,
  streams: streamsJob,
  export: exportJob,
  bucket: bucketJob,
  "hash-folder": hashFolderJob,
};

const [name = "", parameters = "{}"] = process.argv.slice(2);
const job = jobs[name];
if (job === undefined) throw new Error(`there is no measurement "${name}"`);
process.stdout.write(JSON.stringify(await job(JSON.parse(parameters) as never)));
