import { describe, expect, it } from "vitest";
import { browserCommand } from "./open-browser.ts";

describe("browserCommand", () => {
  it("opens pages only where a person would see them", () => {
    expect(browserCommand("linux", { DISPLAY: ":0" })).toEqual(["xdg-open"]);
    expect(browserCommand("linux", { WAYLAND_DISPLAY: "wayland-0" })).toEqual(["xdg-open"]);
    expect(browserCommand("darwin", {})).toEqual(["open"]);
    expect(browserCommand("linux", {})).toBeUndefined();
    expect(browserCommand("darwin", { CI: "1" })).toBeUndefined();
    expect(browserCommand("darwin", { SSH_CONNECTION: "a b" })).toBeUndefined();
  });
});
