import type { SinkDefinition } from "@headgate/core";
import type { Asked, World } from "./world.ts";

/** The organization that scenarios play in. */
export const organization = "org_1";

/** What earlier steps leave for later ones: ids, cursors. */
export type Notes = Map<string, string>;

/** One call of one operation. Steps run in order, on one world. */
export interface ScenarioStep {
  /** Of the OpenAPI document. */
  readonly operation: string;
  /** A documented status. */
  readonly status: number;
  /** Whose token goes with it. @default an admin's of the organization */
  readonly as?: "admin" | "operator" | "nobody";
  /** Values of the path's parameters, `organization` apart. */
  readonly path?: (notes: Notes) => Readonly<Record<string, string>>;
  /** With the question mark. */
  readonly query?: string;
  readonly asked?: (notes: Notes) => Asked;
  /** What the platform does beforehand. */
  readonly before?: (world: World, notes: Notes) => Promise<void>;
  /** Looks at the answer's JSON, which follows its schema by then. */
  readonly after?: (body: unknown, notes: Notes) => void;
}

/** A part of the scenario, with the sinks that it needs. */
export interface Scenario {
  readonly sinks?: readonly SinkDefinition[];
  readonly steps: readonly ScenarioStep[];
}
