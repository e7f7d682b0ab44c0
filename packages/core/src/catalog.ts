import type { Category, JsonObject, NewEvent } from "./event.ts";
import { compileSchema, type SchemaCheck } from "./schema-check.ts";

/** A JSON Schema written `as const`, so that metadata can be typed from it. */
export type MetadataSchema = { readonly type: "object" } & Readonly<Record<string, unknown>>;

/** What a platform says of one of its actions. */
export interface ActionDefinition {
  readonly category: Category;
  /** One sentence for the action reference page. */
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the metadata. @default any object */
  readonly metadata?: MetadataSchema;
}

/** The TypeScript type that a JSON Schema describes, for the keywords that catalogs use. */
export type FromSchema<S> = S extends { readonly const: infer C }
  ? C
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly type: "string" }
      ? string
      : S extends { readonly type: "integer" | "number" }
        ? number
        : S extends { readonly type: "boolean" }
          ? boolean
          : S extends { readonly type: "array"; readonly items: infer I }
            ? readonly FromSchema<I>[]
            : S extends {
                  readonly type: "object";
                  readonly properties: infer P;
                  readonly required: readonly (infer R)[];
                }
              ? { readonly [K in keyof P as K extends R ? K : never]: FromSchema<P[K]> } & {
                  readonly [K in keyof P as K extends R ? never : K]?: FromSchema<P[K]>;
                }
              : S extends { readonly type: "object"; readonly properties: infer P }
                ? { readonly [K in keyof P]?: FromSchema<P[K]> }
                : JsonObject;

/** A platform's actions. Made by {@link defineCatalog}. */
export interface Catalog<
  Actions extends Readonly<Record<string, ActionDefinition>> = Readonly<Record<string, ActionDefinition>>,
> {
  readonly actions: Actions;
  /** The compiled metadata check of an action; undefined where the action is unknown or has no schema. */
  metadataCheck(action: string): SchemaCheck | undefined;
}

/** An event of one of the catalog's actions, its metadata typed by the action's schema. */
export type CatalogEvent<C> =
  C extends Catalog<infer Actions>
    ? string extends keyof Actions
      ? NewEvent
      : {
          [A in keyof Actions & string]: Actions[A] extends { readonly metadata: infer S }
            ? Omit<NewEvent<A>, "metadata"> &
                (S extends { readonly required: readonly [string, ...string[]] }
                  ? { readonly metadata: FromSchema<S> }
                  : { readonly metadata?: FromSchema<S> })
            : NewEvent<A>;
        }[keyof Actions & string]
    : NewEvent;

/**
 * Declares a platform's actions once: typed `append`, checked metadata, a category by default, a reference page.
 *
 * @example
 * ```ts
 * const catalog = defineCatalog({
 *   "context.secrets.accessed": {
 *     category: "configuration",
 *     description: "A job read the secrets of a context.",
 *     metadata: { type: "object", required: ["job_id"], properties: { job_id: { type: "string" } } },
 *   },
 * });
 * ```
 */
export function defineCatalog<const Actions extends Readonly<Record<string, ActionDefinition>>>(
  actions: Actions,
): Catalog<Actions> {
  const known = new Map<string, ActionDefinition>(Object.entries(actions));
  const checks = new Map<string, SchemaCheck>();
  return {
    actions,
    metadataCheck(action) {
      const schema = known.get(action)?.metadata;
      if (schema === undefined) return undefined;
      let check = checks.get(action);
      if (check === undefined) checks.set(action, (check = compileSchema(schema)));
      return check;
    },
  };
}
