// The tables, and what is asked of them. Names of people, targets and keys are
// bytes, as in the entries: PostgreSQL's text holds no zero byte, and compares
// by the rules of a language.
#ifndef BOOTSEAL_SERVER_AUDIT_POSTGRES_SCHEMA_H_
#define BOOTSEAL_SERVER_AUDIT_POSTGRES_SCHEMA_H_

#include <cstdint>

namespace bootseal::audit::postgres {

// Counts with SQLite's: what one holds, the other holds too.
inline constexpr int kSchemaVersion = 2;

// Held by whoever appends or makes the tables, until its transaction ends:
// "bootseal" in ASCII.
inline constexpr char kTakeTurn[] =
    "SELECT pg_advisory_xact_lock(7093010484074733932)";

// A commit that writes something, whose wait for the disk and for the
// synchronous standbys (PostgreSQL manual, 27.2.8) ends behind every earlier
// commit: writes to the log of changes arrive in their order. No table grows.
inline constexpr char kBarrier[] =
    "SELECT pg_logical_emit_message(true, 'bootseal', '')";

inline constexpr char kSchema[] = R"sql(
CREATE TABLE entries (
  position bigint PRIMARY KEY,
  entry bytea NOT NULL,
  identity bytea NOT NULL,
  request_id bytea,
  target bytea NOT NULL,
  decision integer NOT NULL,
  policy_version bigint,
  kind integer NOT NULL,
  time_unix_ms bigint NOT NULL,
  key bytea NOT NULL,
  subject bytea
);
CREATE UNIQUE INDEX releases
  ON entries (identity, request_id) WHERE request_id IS NOT NULL;
CREATE INDEX policies
  ON entries (policy_version, position) WHERE policy_version IS NOT NULL;
CREATE INDEX subjects
  ON entries (subject, position) WHERE subject IS NOT NULL;
CREATE INDEX released
  ON entries (target, position) WHERE decision = 1 AND kind = 10;
CREATE INDEX key_changes
  ON entries (key, position) WHERE kind = 16;
CREATE TABLE nodes (
  level integer NOT NULL,
  position bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (level, position)
);
CREATE TABLE heads (
  size bigint PRIMARY KEY,
  root bytea NOT NULL
);
CREATE TABLE log_schema (version integer PRIMARY KEY);
)sql";

struct Statement {
  const char* name;
  const char* sql;
};

inline constexpr char kNewestHead[] =
    "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1";

inline constexpr Statement kStatements[] = {
    {"head", kNewestHead},
    {"root", "SELECT root FROM heads WHERE size = $1"},
    // Behind a head that is there. Without standbys there is nothing to wait
    // for: what is seen is on the disk.
    {"barrier",
     "SELECT CASE WHEN current_setting('synchronous_standby_names') <> ''"
     " THEN pg_logical_emit_message(true, 'bootseal', '') END"
     " FROM heads WHERE size = $1 AND root = $2"},
    {"get", "SELECT position, entry FROM entries WHERE position = $1"},
    {"list",
     "SELECT position, entry FROM entries WHERE position >= $1"
     " AND ($2::bytea = '' OR target = $2) AND ($3::bytea = '' OR identity = "
     "$3)"
     " AND ($4::integer = 0 OR decision = $4)"
     " AND ($5::integer = 0 OR kind = $5) AND ($6::bytea = '' OR key = $6)"
     " AND ($7::bigint = 0 OR time_unix_ms >= $7)"
     " AND ($8::bigint = 0 OR time_unix_ms < $8)"
     " ORDER BY position LIMIT $9"},
    {"release",
     "SELECT position, entry FROM entries"
     " WHERE identity = $1 AND request_id = $2"},
    {"releases",
     "SELECT position, entry, place FROM unnest($1::bytea[], $2::bytea[])"
     " WITH ORDINALITY AS wanted (identity, request_id, place)"
     " JOIN entries USING (identity, request_id)"},
    {"last_release",
     "SELECT position, entry FROM entries WHERE target = $1"
     " AND decision = 1 AND kind = 10 ORDER BY position DESC LIMIT 1"},
    {"about",
     "SELECT position, entry FROM entries WHERE subject = $1"
     " ORDER BY position"},
    {"last_of_key",
     "SELECT position, entry FROM entries WHERE key = $1 AND kind = $2"
     " AND decision = $3 ORDER BY position DESC LIMIT 1"},
    {"highest_policy",
     "SELECT position, entry FROM entries WHERE policy_version IS NOT NULL"
     " ORDER BY policy_version DESC, position DESC LIMIT 1"},
    {"nodes",
     "SELECT hash FROM unnest($1::integer[], $2::bigint[])"
     " WITH ORDINALITY AS wanted (level, position, place)"
     " LEFT JOIN nodes USING (level, position) ORDER BY place"},
    {"insert_entries",
     "INSERT INTO entries SELECT * FROM unnest($1::bigint[], $2::bytea[],"
     " $3::bytea[], $4::bytea[], $5::bytea[], $6::integer[], $7::bigint[],"
     " $8::integer[], $9::bigint[], $10::bytea[], $11::bytea[])"},
    {"insert_nodes",
     "INSERT INTO nodes SELECT * FROM unnest($1::integer[], $2::bigint[],"
     " $3::bytea[])"},
};

}  // namespace bootseal::audit::postgres

#endif  // BOOTSEAL_SERVER_AUDIT_POSTGRES_SCHEMA_H_
