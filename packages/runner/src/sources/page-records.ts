import { jsonElements } from "@headgate/api";

const openBracket = 0x5b;

/**
 * The texts of the objects in a JSON list, byte for byte but for line breaks between tokens; undefined where the body is
 * no such list. Whether each is JSON is for whoever reads it.
 */
export function pageRecords(body: Uint8Array): readonly Buffer[] | undefined {
  if (body.find((byte) => byte > 0x20) !== openBracket) return undefined;
  const records: Buffer[] = [];
  const splitter = jsonElements((element) => records.push(Buffer.from(element)));
  try {
    splitter.push(body);
    splitter.end();
  } catch {
    return undefined;
  }
  return records;
}
