export { HeadgateBanner } from "./banner/headgate-banner.ts";
export { HeadgateConnect } from "./connect/headgate-connect.ts";
export { HeadgateConsole } from "./console/headgate-console.ts";
export { defineHeadgateElements } from "./define.ts";
export { HeadgateEvents } from "./events/headgate-events.ts";
export { HeadgateElement } from "./parts/headgate-element.ts";
export { HeadgateStream } from "./stream/headgate-stream.ts";
export { HeadgateStreams } from "./streams/headgate-streams.ts";
