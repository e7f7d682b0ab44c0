import { secret } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { tokenReader } from "./source-token.ts";

describe("tokenReader", () => {
  it("gives the token of the configuration, and a file's as it is now", async () => {
    using folder = temporaryFolder();
    expect(await tokenReader(secret("t0ken"))()).toBe("t0ken");
    const read = tokenReader({ file: folder.write("token", "first\n") });
    expect(await read()).toBe("first");
    folder.write("token", "second");
    expect(await read()).toBe("second");
  });

  it.each(["", "two words", "line\nbreak", "naïve"])("refuses %j without quoting it", async (text) => {
    using folder = temporaryFolder();
    for (const token of [secret(text), { file: folder.write("token", text) }]) {
      const error = await tokenReader(token)().catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "source_denied",
        message: expect.stringMatching(/ holds no token/) as string,
      });
      if (text !== "") expect((error as Error).message).not.toContain(text);
    }
  });

  it("says where a file is that cannot be read", async () => {
    await expect(tokenReader({ file: "/nowhere/token" })()).rejects.toThrow("/nowhere/token cannot be read (ENOENT)");
  });
});
