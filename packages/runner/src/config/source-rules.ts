import type { Rule } from "./rules.ts";

/** Standard input is read once, and to its end. */
export const standardInput: Rule = ({ sources = [] }, report) => {
  let taken: number | undefined;
  for (const [index, source] of sources.entries()) {
    if (source.kind !== "file" || source.path !== "-") continue;
    if (source.follow === true)
      report(["sources", index, "follow"], "has no meaning for standard input, which is read to its end");
    if (taken === undefined) taken = index;
    else report(["sources", index, "path"], `is standard input, which sources[${taken}] reads already`);
  }
};

/** No two sources read the same into the same organization. */
export const sourceTwice: Rule = ({ sources = [] }, report) => {
  const first = new Map<string, number>();
  for (const [index, source] of sources.entries()) {
    const file = source.kind === "file";
    if (file && source.path === "-") continue;
    const { url, org, include, phrase } = file ? {} : source.api;
    const identity = JSON.stringify([
      file ? source.path : [source.kind, url, org, include, phrase],
      source.organization,
    ]);
    const earlier = first.get(identity);
    if (earlier === undefined) first.set(identity, index);
    else
      report(
        ["sources", index],
        `reads the same ${file ? "file" : "log"} into the same organization as sources[${earlier}]`,
      );
  }
};

const ofFiles = ["path", "follow"];
const ofPolls = ["api", "every", "since", "overlap", "allow_insecure_endpoint"];

/** Keys that belong to another kind of source. */
export const strayKeys: Rule = ({ sources = [] }, report) => {
  for (const [index, source] of sources.entries()) {
    for (const key of source.kind === "file" ? ofPolls : ofFiles)
      if (key in source) report(["sources", index, key], `has no meaning for a source of kind ${source.kind}`);
  }
};
