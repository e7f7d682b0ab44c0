import { secret } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { capturedTerminal } from "../testing/captured-terminal.ts";
import { createLogger } from "./logger.ts";

describe("createLogger", () => {
  it("writes an object a line where no person looks", () => {
    const terminal = capturedTerminal();
    createLogger({ level: "info" }, terminal).warn("a stream's delivery failed", { stream: "acme-s3", failures: 2 });
    expect(JSON.parse(terminal.stderr())).toEqual({
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      pid: process.pid,
      stream: "acme-s3",
      failures: 2,
      msg: "a stream's delivery failed",
    });
  });

  it("writes a line of text where a person looks, or when told to", () => {
    for (const [format, isTTY] of [
      [undefined, true],
      ["pretty", false],
    ] as const) {
      const terminal = capturedTerminal({ isTTY });
      createLogger({ level: "info", ...(format !== undefined && { format }) }, terminal).info("stopped", {
        stream: "a b",
        n: 1,
      });
      expect(terminal.stderr()).toMatch(/^\d\d:\d\d:\d\d INFO {2}stopped {2}stream="a b" {2}n=1\n$/);
    }
  });

  it("leaves out what is below its level", () => {
    const terminal = capturedTerminal();
    createLogger({ level: "warn" }, terminal).info("x");
    createLogger({ level: "silent" }, terminal).error("x");
    expect(terminal.stderr()).toBe("");
  });

  it("shows no secret", () => {
    const terminal = capturedTerminal();
    createLogger({ level: "info" }, terminal).info("x", { token: secret("hunter2") as unknown as string });
    expect(terminal.stderr()).not.toContain("hunter2");
  });
});
