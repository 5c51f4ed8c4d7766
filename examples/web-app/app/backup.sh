#!/bin/sh
# Writes a dump of the database, and deletes dumps that are older than two weeks.
set -eu
umask 077
dump=/var/lib/guestbook-backups/$(date +%Y-%m-%dT%H%M%S).dump
# A dump has its name once it is complete.
pg_dump --format=custom --file="$dump.part" guestbook
mv "$dump.part" "$dump"
find /var/lib/guestbook-backups -type f -mtime +14 -delete
