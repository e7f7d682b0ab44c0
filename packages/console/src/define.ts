import { HeadgateBanner } from "./banner/headgate-banner.ts";
import { HeadgateArtifacts } from "./connect/headgate-artifacts.ts";
import { HeadgateConnect } from "./connect/headgate-connect.ts";
import { HeadgateConsole } from "./console/headgate-console.ts";
import { HeadgateEvents } from "./events/headgate-events.ts";
import { HeadgateReplay } from "./replay/headgate-replay.ts";
import { HeadgateShape } from "./shape/headgate-shape.ts";
import { HeadgateQuarantine } from "./stream/headgate-quarantine.ts";
import { HeadgateStream } from "./stream/headgate-stream.ts";
import { HeadgateStreams } from "./streams/headgate-streams.ts";

const elements: Readonly<Record<string, CustomElementConstructor>> = {
  "headgate-artifacts": HeadgateArtifacts,
  "headgate-banner": HeadgateBanner,
  "headgate-connect": HeadgateConnect,
  "headgate-console": HeadgateConsole,
  "headgate-events": HeadgateEvents,
  "headgate-quarantine": HeadgateQuarantine,
  "headgate-replay": HeadgateReplay,
  "headgate-shape": HeadgateShape,
  "headgate-stream": HeadgateStream,
  "headgate-streams": HeadgateStreams,
};

/**
 * Makes `<headgate-streams>`, `<headgate-connect>`, `<headgate-stream>`, `<headgate-events>`, `<headgate-banner>` and
 * `<headgate-console>` known to the page. Called again, it changes nothing.
 *
 * @example
 * ```ts
 * import { defineHeadgateElements } from "@headgate/console";
 *
 * defineHeadgateElements();
 * ```
 */
export function defineHeadgateElements(): void {
  for (const [name, element] of Object.entries(elements))
    if (customElements.get(name) === undefined) customElements.define(name, element);
}
