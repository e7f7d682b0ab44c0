import { createHeadgate } from "@headgate/core";
import { postgresStore } from "@headgate/store-postgres";
import { Pool } from "pg";

const url = process.env["DATABASE_URL"] ?? "";
const pool = new Pool({ connectionString: url });
await using headgate = createHeadgate({ store: postgresStore({ url }), sinks: [] });
await headgate.open();

await pool.query("CREATE TABLE IF NOT EXISTS invoice (id text PRIMARY KEY, paid boolean NOT NULL)");
const transaction = await pool.connect();
try {
  await transaction.query("BEGIN");
  await transaction.query("INSERT INTO invoice VALUES ('in_1', true) ON CONFLICT (id) DO UPDATE SET paid = true");
  // Last, because it keeps other appends of the organization waiting until the commit.
  await headgate.append("org_1", [{ action: "invoice.paid", actor: { type: "user", id: "u_1" } }], { transaction });
  await transaction.query("COMMIT");
} catch (error) {
  await transaction.query("ROLLBACK");
  throw error;
} finally {
  transaction.release();
}

const { lastSequence } = await headgate.store.journal.head("org_1");
console.log(`org_1 has ${lastSequence} events`);
await pool.end();
