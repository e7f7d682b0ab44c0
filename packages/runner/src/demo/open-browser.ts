import { spawn } from "node:child_process";

/** What opens a page here: the program and its first words. Undefined where nobody would see it. */
export function browserCommand(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
): readonly [string, ...string[]] | undefined {
  const set = (name: string): boolean => (env[name] ?? "") !== "";
  if (set("CI") || set("SSH_CONNECTION")) return undefined;
  if (platform === "darwin") return ["open"];
  // `start` is a word of the shell, and takes the first quoted one for a title.
  if (platform === "win32") return ["cmd", "/c", "start", '""'];
  return set("DISPLAY") || set("WAYLAND_DISPLAY") ? ["xdg-open"] : undefined;
}

/** Opens a page in the person's browser, where there is one; a failure is no reason to stop. */
export function openBrowser(url: string): void {
  const command = browserCommand(process.platform, process.env);
  if (command === undefined) return;
  const [program, ...words] = command;
  const child = spawn(program, [...words, url], { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
