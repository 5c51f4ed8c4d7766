#!/bin/sh
# Runs each file of migrations/ that the database has not seen yet, in the order of their names.
set -eu
cd "$(dirname "$0")"

sql() {
  psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"
}

sql --dbname=postgres <<'END'
SELECT 'CREATE ROLE guestbook LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guestbook') \gexec
SELECT 'CREATE DATABASE guestbook OWNER guestbook'
  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'guestbook') \gexec
END

export PGDATABASE=guestbook PGOPTIONS='--role=guestbook --client-min-messages=warning'
sql --command='CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, run timestamptz DEFAULT now())'
for file in migrations/*.sql; do
  name=$(basename "$file" .sql)
  seen=$(sql --command="SELECT count(*) FROM migration WHERE name = '$name'")
  [ "$seen" = 0 ] || continue
  echo "migration $name"
  sql --single-transaction --file="$file" --command="INSERT INTO migration (name) VALUES ('$name')"
done

# Last, so that the running version keeps its password if a migration fails.
PGOPTIONS= sql <<'END'
\set password `cat "$DATABASE_PASSWORD_FILE"`
ALTER ROLE guestbook PASSWORD :'password';
END
