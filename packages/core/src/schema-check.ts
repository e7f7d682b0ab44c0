import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";

/** A compiled JSON Schema: undefined where the value follows it, else what is wrong and what would be accepted. */
export type SchemaCheck = (value: unknown) => readonly SchemaProblem[] | undefined;

/** One departure from a schema. */
export interface SchemaProblem {
  /** JSON path, e.g. `$.actor.id`. */
  readonly path: string;
  /** A clause that fits behind the path, without the value itself. */
  readonly problem: string;
}

// `strict: false`: schemas may carry annotations of other tools. Formats cost more than everything else together and
// are not asserted (draft 2020-12 makes them annotations); times are checked by code of our own.
// Lengths count UTF-16 code units, which costs nothing; `logger: false` keeps ajv from calling that deprecated.
const options = { strict: false, validateFormats: false, unicode: false, unicodeRegExp: false, logger: false } as const;
const quick = new Ajv2020({ ...options, messages: false });
const thorough = new Ajv2020({ ...options, allErrors: true, verbose: true });

/** Compiles a schema. The quick validator decides; the thorough one runs only to explain. */
export function compileSchema(schema: object): SchemaCheck {
  const valid = quick.compile(schema);
  let explain: ValidateFunction | undefined;
  return (value) => {
    if (valid(value)) return undefined;
    explain ??= thorough.compile(schema);
    explain(value);
    return (explain.errors ?? []).map((error) => ({ path: pathOf(error), problem: problemOf(error) }));
  };
}

function pathOf(error: ErrorObject): string {
  const steps = error.instancePath.split("/").slice(1);
  return `$${steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step.replaceAll("~1", "/").replaceAll("~0", "~")}`)).join("")}`;
}

function problemOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return `lacks "${String(params["missingProperty"])}"`;
    case "additionalProperties":
    case "unevaluatedProperties": {
      const known = Object.keys((error.parentSchema?.["properties"] as object | undefined) ?? {});
      const unknown = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
      return `has an unknown member "${unknown.slice(0, 64)}"${known.length > 0 ? ` (known: ${known.join(", ")})` : ""}`;
    }
    case "type":
      return `must be ${article(String(params["type"]))}, not ${kindOf(error.data)}`;
    case "enum":
      return `must be one of ${(params["allowedValues"] as unknown[]).map(String).join(", ")}`;
    case "const":
      return `must be ${JSON.stringify(params["allowedValue"])}`;
    case "pattern":
      return String(params["pattern"]).includes("\\u0000-\\u001f")
        ? "must not hold control characters"
        : `must match ${String(params["pattern"])}`;
    default:
      return error.message ?? `fails "${error.keyword}"`;
  }
}

function article(type: string): string {
  return `${/^[aeio]/.test(type) ? "an" : "a"} ${type}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : article(typeof value);
}
