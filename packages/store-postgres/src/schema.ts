/**
 * The steps that make the schema, in order; step n brings it to version n. Those that were released are never changed:
 * a change is another step. Each runs in one transaction, with `headgate` standing for the quoted name of the schema and
 * `'headgate'` for that name as a literal.
 *
 * A group is one row. Times are Unix ms, and partitions are weeks of them: few enough that a query that knows no time,
 * and so looks into each, is planned at once.
 */
const steps: readonly string[] = [
  `
CREATE TABLE headgate.meta(key text COLLATE "C" PRIMARY KEY, value text NOT NULL);

CREATE TABLE headgate.organization(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  first_sequence bigint NOT NULL,  -- still held, or the next to be given; what comes before it is gone, deleted or not
  last_sequence bigint NOT NULL,
  total_bytes bigint NOT NULL,
  appended_at bigint NOT NULL,
  changed xid8 NOT NULL            -- the transaction that changed the end last
) WITH (fillfactor = 70);
CREATE INDEX organization_by_change ON headgate.organization(changed);

CREATE TABLE headgate.journal_group(
  organization bigint NOT NULL,
  first_sequence bigint NOT NULL,
  last_sequence bigint NOT NULL,
  appended_at bigint NOT NULL,     -- never earlier than that of the group before
  bytes integer NOT NULL,
  bytes_before bigint NOT NULL,    -- of all lines of the organization before this group
  minted_from bigint,              -- when the ids that Headgate minted were minted, where that is how they are found
  minted_to bigint,
  lengths bytea NOT NULL,          -- uint32 each, little-endian
  occurred_at bytea NOT NULL,      -- float64 each, little-endian
  body bytea NOT NULL,
  PRIMARY KEY (organization, appended_at, last_sequence)
) PARTITION BY RANGE (appended_at);
CREATE INDEX journal_group_by_sequence ON headgate.journal_group(organization, last_sequence);
CREATE INDEX journal_group_by_minting ON headgate.journal_group(organization, minted_to) WHERE minted_to IS NOT NULL;
DO $$ BEGIN
  ALTER TABLE headgate.journal_group ALTER COLUMN body SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL; -- a server that was built without it uses its own
END $$;

CREATE TABLE headgate.journal_id(
  organization bigint NOT NULL,
  hash bigint NOT NULL,
  sequence bigint NOT NULL,
  appended_at bigint NOT NULL
) PARTITION BY RANGE (appended_at);
CREATE INDEX journal_id_by_hash ON headgate.journal_id(organization, hash);

CREATE TABLE headgate.skip(
  organization bigint NOT NULL,
  after bigint NOT NULL,           -- sequences beyond it, up to through, were never given
  through bigint NOT NULL,
  PRIMARY KEY (organization, after)
);

CREATE TABLE headgate.stream(
  id text COLLATE "C" PRIMARY KEY,
  incarnation text NOT NULL,
  organization text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  start bigint NOT NULL,           -- what a stream without a checkpoint still lacks comes after it
  record text NOT NULL,
  health text
);
CREATE INDEX stream_by_organization ON headgate.stream(organization, id);

CREATE TABLE headgate.checkpoint(
  stream text COLLATE "C" PRIMARY KEY REFERENCES headgate.stream ON DELETE CASCADE,
  version bigint NOT NULL,
  position bigint NOT NULL,
  named_objects bigint,            -- how many objects digests name; null where there are no digests
  record text NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE headgate.quarantine(
  stream text COLLATE "C" NOT NULL REFERENCES headgate.stream ON DELETE CASCADE,
  sequence bigint NOT NULL,
  state text NOT NULL,
  record text NOT NULL,
  line bytea NOT NULL,
  PRIMARY KEY (stream, sequence)
);
CREATE INDEX quarantine_retries ON headgate.quarantine(stream, sequence) WHERE state = 'retry';

CREATE TABLE headgate.rejected(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text COLLATE "C" NOT NULL,
  line bigint NOT NULL,
  organization text COLLATE "C" NOT NULL,
  record text NOT NULL,
  content bytea NOT NULL,
  UNIQUE (source, line)
);
CREATE INDEX rejected_by_organization ON headgate.rejected(organization, number);

CREATE TABLE headgate.delivery(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text COLLATE "C" NOT NULL REFERENCES headgate.stream ON DELETE CASCADE,
  ordinal bigint NOT NULL,         -- within the stream: tells when to look for rows beyond those that are kept
  at bigint NOT NULL,
  record text NOT NULL
);
CREATE INDEX delivery_by_stream ON headgate.delivery(stream, number);
CREATE INDEX delivery_by_time ON headgate.delivery(at);

CREATE TABLE headgate.object(
  stream text COLLATE "C" NOT NULL REFERENCES headgate.stream ON DELETE CASCADE,
  number bigint NOT NULL,
  first bigint NOT NULL,           -- lowest and highest sequence in it
  last bigint NOT NULL,
  record text NOT NULL,
  PRIMARY KEY (stream, number)
);
CREATE INDEX object_by_sequence ON headgate.object(stream, last);

CREATE TABLE headgate.document(
  collection text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (collection, key)
);

CREATE TABLE headgate.lease(
  name text COLLATE "C" PRIMARY KEY,
  holder text,                     -- null once it was given up; the token stays
  token bigint NOT NULL,
  expires_at bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE headgate.cursor(source text COLLATE "C" PRIMARY KEY, value text NOT NULL);

-- Partitions are made and dropped by the schema's owner; a role that only appends and delivers asks for it here.
CREATE FUNCTION headgate.ensure_partition(week bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parent text;
  part text;
BEGIN
  IF week NOT BETWEEN 0 AND 20000 THEN RAISE EXCEPTION 'no such week'; END IF;
  PERFORM pg_advisory_xact_lock(1212629332, hashtext('headgate'));
  FOREACH parent IN ARRAY ARRAY['journal_group', 'journal_id'] LOOP
    part := parent || '_' || to_char(to_timestamp(week * 604800) AT TIME ZONE 'UTC', 'YYYYMMDD');
    CONTINUE WHEN EXISTS (
      SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'headgate' AND c.relname = part);
    -- Attached, not made in place: appends go on meanwhile.
    EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING ALL)', 'headgate', part, parent);
    EXECUTE format('ALTER TABLE %1$I.%3$I ATTACH PARTITION %1$I.%2$I FOR VALUES FROM (%4$s) TO (%5$s)',
      'headgate', part, parent, week * 604800000, (week + 1) * 604800000);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION headgate.ensure_partition(bigint) FROM PUBLIC;

-- True where the week is gone. One that is not over, or in which something is held, stays, whoever asks.
CREATE FUNCTION headgate.drop_partition(week bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parent text;
  part text;
  held boolean;
BEGIN
  IF (week + 1) * 604800 > extract(epoch FROM clock_timestamp()) THEN RETURN false; END IF;
  PERFORM pg_advisory_xact_lock(1212629332, hashtext('headgate'));
  FOREACH parent IN ARRAY ARRAY['journal_group', 'journal_id'] LOOP
    part := parent || '_' || to_char(to_timestamp(week * 604800) AT TIME ZONE 'UTC', 'YYYYMMDD');
    CONTINUE WHEN NOT EXISTS (
      SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'headgate' AND c.relname = part);
    IF parent = 'journal_group' THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.%2$I g JOIN %1$I.organization o ON o.id = g.organization
        WHERE g.last_sequence >= o.first_sequence)', 'headgate', part) INTO held;
      IF held THEN RETURN false; END IF;
      -- Once more when nobody can write: a transaction that was open may have held some back.
      EXECUTE format('LOCK TABLE %1$I.%2$I, %1$I.%3$I IN ACCESS EXCLUSIVE MODE', 'headgate', parent, part);
      EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.%2$I g JOIN %1$I.organization o ON o.id = g.organization
        WHERE g.last_sequence >= o.first_sequence)', 'headgate', part) INTO held;
      IF held THEN RETURN false; END IF;
    END IF;
    EXECUTE format('DROP TABLE %I.%I', 'headgate', part);
  END LOOP;
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION headgate.drop_partition(bigint) FROM PUBLIC;
`,
];

/** The version that this Headgate writes, and the highest that it reads. */
export const schemaVersion: number = steps.length;

/** The step that brings a schema to this version. `schema` is a name that {@link schemaName} has checked. */
export function schemaStep(version: number, schema: string): string {
  const step = steps[version - 1] ?? "";
  return step.replaceAll("'headgate'", `'${schema}'`).replaceAll("headgate.", `"${schema}".`);
}
