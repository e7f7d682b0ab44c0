import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./testing/temporary-folder.ts";

const program = `
  import { sqliteStore } from "@headgate/store-sqlite";
  for (const path of process.argv.slice(1)) {
    await using store = sqliteStore({ path });
    await store.open();
    await store.journal.head("org");
  }
`;

describe("a file that does not exist yet", () => {
  it("is created by one of several processes that open it at the same moment, and shared by the others", async () => {
    await using folder = temporaryFolder();
    const paths = Array.from({ length: 40 }, (_, i) => folder.file(`${i}.db`));
    const runs = [0, 1, 2].map(async () => {
      const args = ["--conditions=@headgate/source", "--input-type=module", "-e", program, ...paths];
      const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ["ignore", "ignore", "pipe"] });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
      const [code] = (await once(child, "close")) as [number | null];
      return `${String(code)} ${said}`;
    });
    expect(await Promise.all(runs)).toEqual(["0 ", "0 ", "0 "]);
  }, 120_000);
});
