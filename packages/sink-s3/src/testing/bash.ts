import { execFileSync } from "node:child_process";

/** The commands that a script would run: an `aws` of its own records its words, and nothing else runs. */
export function recordedCommands(script: string): readonly (readonly string[])[] {
  const recorder = String.raw`PATH=/nowhere; aws() { printf '%s\0' "$@"; printf '\0'; }`;
  const printed = execFileSync("bash", ["-c", `${recorder}\n${script}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return printed
    .split("\0\0")
    .filter((command) => command !== "")
    .map((command) => command.split("\0"));
}
