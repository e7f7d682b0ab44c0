import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { nearest } from "../nearest.ts";
import type { ConfigPath } from "./problem.ts";
import { durationPattern, sizePattern } from "./units.ts";

/** A departure from a schema: where, whether the key itself is at fault, and a clause that fits behind the path. */
export interface Departure {
  readonly path: ConfigPath;
  readonly atKey: boolean;
  readonly message: string;
}

/**
 * Checks a value against a JSON Schema and says of each departure what would be accepted. Values are never quoted:
 * they may be secrets.
 */
export function checkAgainst(schema: object, value: unknown): readonly Departure[] {
  // Formats and keywords of other tools are annotations here.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true, verbose: true });
  const valid = ajv.compile(schema);
  if (valid(value)) return [];
  const seen = new Set<string>();
  return withoutNoise(valid.errors ?? []).flatMap((error): Departure[] => {
    const departure = explain(error, value);
    const identity = JSON.stringify(departure);
    if (seen.has(identity)) return [];
    seen.add(identity);
    return [departure];
  });
}

/** Of alternatives, only the one that comes nearest is explained; that an `if` led to a `then` explains nothing. */
function withoutNoise(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  let kept = errors.filter(({ keyword }) => keyword !== "if");
  const choices = kept.filter(({ keyword }) => keyword === "oneOf" || keyword === "anyOf");
  for (const choice of choices) {
    const inside = kept.filter(
      (error) =>
        error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
        `${error.instancePath}/`.startsWith(`${choice.instancePath}/`),
    );
    if (inside.length === 0) continue;
    const branches = Map.groupBy(inside, (error) => error.schemaPath.slice(choice.schemaPath.length + 1).split("/")[0]);
    const [best] = [...branches.values()].toSorted((a, b) => misfit(choice, a) - misfit(choice, b));
    const drop = new Set<ErrorObject>([choice, ...inside.filter((error) => best?.includes(error) !== true)]);
    kept = kept.filter((error) => !drop.has(error));
  }
  return kept;
}

/** A branch that is wrong about the value itself (its type, its constant, a required key) is further away than one with a wrong detail inside. */
function misfit(choice: ErrorObject, errors: readonly ErrorObject[]): number {
  return errors.reduce((sum, { keyword, instancePath }) => {
    const essential = keyword === "type" || keyword === "const" || keyword === "required";
    return sum + (essential && instancePath === choice.instancePath ? 10 : 1);
  }, 0);
}

function explain(error: ErrorObject, root: unknown): Departure {
  const path = stepsOf(error.instancePath, root);
  const params = error.params as Readonly<Record<string, unknown>>;
  const schema = (error.parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  switch (error.keyword) {
    case "additionalProperties":
    case "unevaluatedProperties": {
      const key = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      const known = Object.keys((schema["properties"] as object | undefined) ?? {}).filter(
        (name) => name !== "$schema",
      );
      const close = nearest(key, known);
      const offer = close === undefined ? `; known: ${known.join(", ")}` : `; did you mean "${close}"?`;
      return { path: [...path, key], atKey: true, message: `is an unknown key${known.length === 0 ? "" : offer}` };
    }
    case "required":
      return { path, atKey: false, message: `lacks "${String(params["missingProperty"])}"` };
    case "type":
      return {
        path,
        atKey: false,
        message: `must be ${article(String(params["type"]))}, not ${kindOf(error.data)}${quoting(schema, error.data)}`,
      };
    case "const":
      return { path, atKey: false, message: `must be ${JSON.stringify(params["allowedValue"])}` };
    case "enum": {
      const allowed = (params["allowedValues"] as readonly unknown[]).map(String);
      const close =
        typeof error.data === "string" && schema["writeOnly"] !== true ? nearest(error.data, allowed) : undefined;
      return {
        path,
        atKey: false,
        message: `must be one of ${allowed.join(", ")}${close === undefined ? "" : `; did you mean "${close}"?`}`,
      };
    }
    case "pattern": {
      const examples = (schema["examples"] as readonly unknown[] | undefined)?.map(String) ?? [];
      const looks =
        examples.length > 0 ? `must look like ${examples.join(", ")}` : `must match ${String(params["pattern"])}`;
      return { path, atKey: false, message: `${looks}${allowance(schema)}` };
    }
    case "minLength":
      return {
        path,
        atKey: false,
        message:
          params["limit"] === 1 ? "must not be empty" : `must have at least ${String(params["limit"])} characters`,
      };
    case "minimum":
    case "exclusiveMinimum":
    case "maximum":
    case "exclusiveMaximum":
      return { path, atKey: false, message: `must be ${String(params["comparison"])} ${String(params["limit"])}` };
    case "minProperties":
    case "maxProperties": {
      const known = Object.keys((schema["properties"] as object | undefined) ?? {});
      return {
        path,
        atKey: false,
        message: `must hold ${schema["minProperties"] === 1 && schema["maxProperties"] === 1 ? "exactly one" : "some"} of ${known.join(", ")}`,
      };
    }
    case "oneOf":
    case "anyOf":
      return { path, atKey: false, message: "fits none, or more than one, of the forms that are accepted" };
    case "not":
      return {
        path,
        atKey: false,
        message: typeof schema["$comment"] === "string" ? schema["$comment"] : "is not allowed here",
      };
    default:
      return { path, atKey: false, message: error.message ?? `fails "${error.keyword}"` };
  }
}

function stepsOf(pointer: string, root: unknown): ConfigPath {
  const path: (string | number)[] = [];
  let node = root;
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(node) ? Number(key) : key);
    node = (node as Readonly<Record<string, unknown>> | undefined)?.[key];
  }
  return path;
}

function article(type: string): string {
  if (type === "object") return "a mapping";
  if (type === "array") return "a list";
  return `${/^[aeio]/.test(type) ? "an" : "a"} ${type}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  return article(Array.isArray(value) ? "array" : typeof value);
}

/** What a pattern allows, in words. Examples say enough of a duration or a size. */
function allowance({ pattern, $comment, description }: Readonly<Record<string, unknown>>): string {
  const words = $comment ?? (pattern === durationPattern || pattern === sizePattern ? undefined : description);
  return typeof words === "string" ? `: ${words.replace(/\.$/, "")}` : "";
}

function quoting(schema: Readonly<Record<string, unknown>>, value: unknown): string {
  if (schema["type"] !== "string" || (typeof value !== "number" && typeof value !== "boolean")) return "";
  const [example] =
    (schema["pattern"] === undefined ? undefined : (schema["examples"] as readonly unknown[] | undefined)) ?? [];
  return typeof example === "string" ? `; write it like ${example}` : "; put it in quotes";
}
