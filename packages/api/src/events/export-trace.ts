import { hourMs, type JsonObject } from "@headgate/core";
import { tellOf } from "../change-record.ts";
import { recent } from "../recent.ts";
import type { RouteContext } from "../route.ts";
import type { ExportFormat } from "./export-body.ts";

/** Tells the organization's own log who takes it along. */
type ExportTrace = (
  context: RouteContext,
  what: { readonly format: ExportFormat; readonly through: number },
) => Promise<void>;

const filters = ["from", "to", "action", "actor", "target", "q"] as const;
const mostRemembered = 10_000;

/**
 * Makes the trace of exports: an event of the log itself. Who asks for the same again within an hour, as a download that
 * goes on does, or a program that fetches what is new, is told of once: or each file would hold the trace of the one before.
 */
export function exportTrace(): ExportTrace {
  const told = recent<number>(mostRemembered);
  return async (context, { format, through }) => {
    const { organization, principal, query, clock } = context;
    const asked: JsonObject = Object.fromEntries(
      filters.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])),
    );
    const { type, id } = principal.actor;
    const key = JSON.stringify([organization, type, id, format, asked]);
    const now = clock.now();
    if (now - (told.get(key) ?? Number.NEGATIVE_INFINITY) < hourMs) return;
    told.set(key, now);
    await tellOf(context, {
      action: "headgate.audit_log.exported",
      category: "data",
      targets: [{ type: "headgate.audit_log", id: organization }],
      // By what was chosen, and not the words: somebody else's name, searched for in vain, would stand in the log.
      metadata: { format, through_sequence: through, filters: Object.keys(asked) },
    });
  };
}
