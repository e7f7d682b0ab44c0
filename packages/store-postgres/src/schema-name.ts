import { HeadgateError } from "@headgate/core";

/**
 * A schema's name that can stand in any statement as it is.
 * @throws `config_invalid`
 */
export function schemaName(name: string): string {
  // Partitions, and the channel for hints, get names that begin with it or stand beside it: PostgreSQL takes 63 bytes.
  if (/^[a-z_][a-z0-9_]{0,39}$/.test(name) && !name.startsWith("pg_")) return name;
  throw new HeadgateError("config_invalid", `The store's schema "${name}" cannot be used as a name.`, {
    hint: "Use up to 40 lower-case letters, digits and underscores, the first no digit, and not beginning with pg_.",
  });
}
