import { describe, expect, it } from "vitest";
import { usualOutages } from "./outages.ts";
import { demoSettings } from "./settings.ts";

describe("demoSettings", () => {
  it("has a default for everything", () => {
    expect(demoSettings({})).toEqual({
      directory: "./headgate-demo",
      eventsPerSecond: 6,
      historyHours: 24,
      port: 8686,
      outages: usualOutages,
    });
  });

  it("reads a rate and a time", () => {
    expect(demoSettings({ "events-per-second": "0.5", for: "2m" })).toMatchObject({
      eventsPerSecond: 0.5,
      forMs: 120_000,
    });
  });

  it.each([
    [{ "events-per-second": "many" }, "--events-per-second must be a number from 0.1 to 5000."],
    [{ "events-per-second": "0" }, "--events-per-second must be a number from 0.1 to 5000."],
    [{ "events-per-second": "" }, "--events-per-second must be a number from 0.1 to 5000."],
    [{ for: "soon" }, "--for must be a duration such as 30s or 5m."],
    [{ for: "0s" }, "--for must be a duration such as 30s or 5m."],
    [{ port: "99999" }, "--port must be a number up to 65535."],
    [{ port: "auto" }, "--port must be a number up to 65535."],
    [{ directory: "" }, "--directory must be the path of a folder."],
  ])("refuses %j", (values, message) => {
    expect(() => demoSettings(values)).toThrow(message);
  });
});
