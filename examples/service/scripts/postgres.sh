# Sourced by the other scripts: start_postgres makes a PostgreSQL server in a folder of its own, with
# fsync on, and sets PERENNIAL_POSTGRES and PERENNIAL_RESTART; it is stopped when the script ends.
as_server() { if [ "$(id -u)" = 0 ]; then (cd "$database" && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); else "$@"; fi; }

start_postgres() {
	pg=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1 || true)
	if [ -z "$pg" ]; then
		echo "PostgreSQL is not there: on SQLite alone"
		return 0
	fi
	database=$(mktemp -d)
	trap 'as_server "$pg/pg_ctl" -D "$database/data" -m immediate stop >/dev/null 2>&1; rm -rf "$database"' EXIT
	[ "$(id -u)" != 0 ] || chown postgres "$database"
	as_server "$pg/initdb" -D "$database/data" -U perennial --auth=trust >/dev/null
	as_server "$pg/pg_ctl" -w -D "$database/data" -l "$database/log" -o "-k $database -c listen_addresses= -c max_connections=200" start >/dev/null
	"$pg/postgres" --version
	export PERENNIAL_POSTGRES="host=$database user=perennial dbname=postgres sslmode=disable"
	local as=""
	[ "$(id -u)" != 0 ] || as="setpriv --reuid=postgres --regid=postgres --clear-groups"
	export PERENNIAL_RESTART="cd $database && $as $pg/pg_ctl -D data -m immediate stop >/dev/null && sleep 1 && $as $pg/pg_ctl -w -D data -l log -o '-k $database -c listen_addresses= -c max_connections=200' start >/dev/null"
}
