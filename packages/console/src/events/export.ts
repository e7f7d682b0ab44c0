import type { ApiClient } from "../rest/client.ts";
import { ApiProblem } from "../rest/problem.ts";

/** How an export is written. */
export type ExportFormat = "ndjson" | "csv";

const mediaTypes: Readonly<Record<ExportFormat, string>> = { ndjson: "application/x-ndjson", csv: "text/csv" };
/** So often in a row an export that breaks off is resumed, and gets nowhere. */
const patience = 5;

/**
 * Reads a whole export. One that breaks off in NDJSON is resumed after its last whole line; CSV has no such place to find
 * with certainty, and fails. `progress` is told the bytes so far.
 */
export async function exportEvents(
  client: ApiClient,
  format: ExportFormat,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<{ readonly name: string; readonly content: Blob }> {
  const parts: Blob[] = [];
  let bytes = 0;
  let last: number | undefined;
  let name = `audit-log.${format}`;
  for (let failures = 0; ; failures++) {
    try {
      const after = last === undefined ? {} : { after_sequence: String(last) };
      const response = await client.response("/events", {
        query: { ...query, order: "asc", ...after },
        accept: mediaTypes[format],
        signal,
      });
      name = fileName(response) ?? name;
      if (format === "csv") {
        const content = await whole(response, (count) => progress(count));
        return { name, content };
      }
      for await (const lines of wholeLines(response)) {
        const block = new Blob([lines.text]);
        parts.push(block);
        bytes += block.size;
        last = lines.sequence ?? last;
        failures = 0;
        progress(bytes);
      }
      return { name, content: new Blob(parts, { type: mediaTypes[format] }) };
    } catch (error) {
      const broken = !(error instanceof ApiProblem) || error.status === 0;
      if (signal.aborted || !broken || format === "csv" || failures >= patience) throw asProblem(error, signal);
    }
  }
}

function asProblem(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted || error instanceof ApiProblem ? error : new ApiProblem(0, "unreachable", "");
}

async function whole(response: Response, progress: (bytes: number) => void): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of chunks(response)) {
    parts.push(part);
    bytes += part.length;
    progress(bytes);
  }
  return new Blob(parts, { type: mediaTypes.csv });
}

/** Whole lines as they come, with the sequence of the last one. */
async function* wholeLines(response: Response): AsyncGenerator<{ readonly text: string; readonly sequence?: number }> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const part of chunks(response)) {
    rest += decoder.decode(part, { stream: true });
    const end = rest.lastIndexOf("\n") + 1;
    if (end === 0) continue;
    const text = rest.slice(0, end);
    rest = rest.slice(end);
    const lastLine = text.slice(text.lastIndexOf("\n", end - 2) + 1);
    const { sequence } = JSON.parse(lastLine) as { sequence?: number };
    yield { text, ...(sequence !== undefined && { sequence }) };
  }
  if (rest !== "") throw new ApiProblem(0, "unreachable", "");
}

async function* chunks(response: Response): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function fileName(response: Response): string | undefined {
  return /filename="?([\w.@+-]+)"?/.exec(response.headers.get("content-disposition") ?? "")?.[1];
}
