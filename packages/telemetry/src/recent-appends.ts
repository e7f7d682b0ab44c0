import type { SpanContext } from "@opentelemetry/api";

interface Append {
  readonly first: number;
  readonly last: number;
  readonly context: SpanContext;
}

/** The spans of the latest appends, by organization: a delivery comes minutes later, and names its events by sequence. */
export interface RecentAppends {
  keep(organization: string, append: Append): void;
  /** Spans of appends that put down any of these sequences, at most {@link mostLinks}, the latest first. */
  spansOf(organization: string, first: number, last: number): readonly SpanContext[];
}

const mostOrganizations = 1000;
const mostOfOne = 100;
/** Well below the 128 links that a span may have by default: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#span-limits */
export const mostLinks = 32;

/** Keeps a hundred appends of each of the thousand organizations that appended last: a few MB at most. */
export function recentAppends(): RecentAppends {
  const byOrganization = new Map<string, readonly Append[]>();
  return {
    keep(organization, append) {
      const kept = byOrganization.get(organization) ?? [];
      byOrganization.delete(organization);
      byOrganization.set(organization, [...kept, append].slice(-mostOfOne));
      const [oldest] = byOrganization.keys();
      if (byOrganization.size > mostOrganizations && oldest !== undefined) byOrganization.delete(oldest);
    },
    spansOf: (organization, first, last) =>
      (byOrganization.get(organization) ?? [])
        .filter((append) => append.first <= last && append.last >= first)
        .slice(-mostLinks)
        .map(({ context }) => context)
        .toReversed(),
  };
}
