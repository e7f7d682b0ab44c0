import { type Command, defineCommand, exitCode, type ExitCode } from "../commands/command.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { createDemo, type Demo } from "./demo.ts";
import { farewellJson, farewellText } from "./farewell.ts";
import type { DemoKey } from "./keys.ts";
import { createLiveView } from "./live-view.ts";
import { createPlainView } from "./plain-view.ts";
import { openBrowser } from "./open-browser.ts";
import { hasPast } from "./service.ts";
import { type DemoSettings, demoSettings } from "./settings.ts";

export const demoCommand: Command = defineCommand({
  description:
    "Runs three invented organizations with a live audit log each, and streams each log into a folder, in the layout of an S3 bucket. Keys break a destination and mend it again, so that you see a stream fail, keep its events and recover; the console on http://127.0.0.1:8686 shows it too, and opens in a browser where there is one. Where standard output is no terminal it prints lines instead and runs until SIGTERM. Started again on the same folder, it goes on where it stopped.",
  options: {
    directory: { type: "string", value: "FOLDER", description: "Where store and files go. Default: ./headgate-demo." },
    "events-per-second": {
      type: "string",
      value: "N",
      description: "Of all organizations together, 0.1 to 5000. Default: 6.",
    },
    port: {
      type: "string",
      value: "PORT",
      description: "Of the console, on loopback; another one where it is taken. Default: 8686.",
    },
    "no-browser": { type: "boolean", description: "Opens no browser." },
    for: { type: "string", value: "TIME", description: "Stop after so long, e.g. 30s. Default: until stopped." },
  },
  examples: ["headgate demo", "headgate demo --directory /tmp/demo --events-per-second 50 --for 30s"],
  async run({ values, terminal }) {
    const settings = demoSettings(values);
    if (!hasPast(settings)) terminal.note("Making up the last 24 hours, so that there is something to see …");
    await using demo = await createDemo(settings);
    const json = values.json === true;
    const live = !json && canDraw();
    if (live && values["no-browser"] !== true && demo.console !== undefined) openBrowser(demo.console);
    const last = await (live ? runLive(demo, settings) : runPlain(demo, settings, terminal, json));
    const program = process.env["npm_execpath"] === undefined ? "headgate" : "npx headgate";
    await terminal.print(json ? farewellJson(last) : `${live ? "" : "\n"}${farewellText(last, program)}`);
    return exitCode.done satisfies ExitCode;
  },
});

function canDraw(): boolean {
  return process.stdout.isTTY && process.stdin.isTTY && process.env["TERM"] !== "dumb";
}

type Last = Awaited<ReturnType<Demo["finish"]>>;

async function runPlain(demo: Demo, settings: DemoSettings, terminal: Terminal, json: boolean): Promise<Last> {
  let last = Promise.resolve();
  const view = createPlainView((line) => {
    if (json) terminal.note(line);
    else last = last.then(() => terminal.print(`${line}\n`));
  });
  using stop = createStopSignal(process, () => {});
  await demo.run(view, until(settings, stop.signal));
  const state = await demo.finish(view, new AbortController().signal);
  await last;
  return state;
}

async function runLive(demo: Demo, settings: DemoSettings): Promise<Last> {
  const [quit, now] = [new AbortController(), new AbortController()];
  const press = async (key: DemoKey): Promise<void> => {
    if (key === "open") openBrowser(demo.console ?? "");
    else if (key !== "quit") await demo.press(key);
    else if (quit.signal.aborted) now.abort();
    else quit.abort();
  };
  let failure: unknown;
  using view = createLiveView({
    output: process.stdout,
    input: process.stdin,
    colour: (process.env["NO_COLOR"] ?? "") === "",
    onKey(key) {
      press(key).catch((error: unknown) => {
        failure = error;
        quit.abort();
      });
    },
  });
  using stop = createStopSignal(process, () => {});
  await demo.run(view, until(settings, AbortSignal.any([quit.signal, stop.signal])));
  if (failure !== undefined) throw failure as Error;
  return await demo.finish(view, now.signal);
}

function until({ forMs }: DemoSettings, signal: AbortSignal): AbortSignal {
  return forMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(forMs)]);
}
