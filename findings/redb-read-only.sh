#!/usr/bin/env bash
# Guess:     what redb has committed durably, another process can read with ReadOnlyDatabase, however the writing process ended.
# Instead:   if the writer ended without dropping its Database (std::process::exit is enough), ReadOnlyDatabase::open fails with
#            RepairAborted. Nothing is lost: opening the file once for writing repairs it, and then it can be opened read-only.
# Versions:  redb 3.1.3 (cargo)
# Seen:      2026-11-29
# Hurts:     programs that show or back up the database of a service that was killed, or read it from a read-only file system: they need
#            write access to a file that they do not mean to change.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

mkdir src
cat >Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[dependencies]
redb = "=3.1.3"
END
cat >src/main.rs <<'END'
use redb::{Database, ReadOnlyDatabase, ReadableDatabase, ReadableTableMetadata, TableDefinition};

const TABLE: TableDefinition<u64, u64> = TableDefinition::new("numbers");
const FILE: &str = "numbers.redb";

fn write() -> Result<Database, Box<dyn std::error::Error>> {
    let database = Database::create(FILE)?;
    let transaction = database.begin_write()?;
    {
        let mut table = transaction.open_table(TABLE)?;
        for number in 0..100 {
            table.insert(number, number * number)?;
        }
    }
    transaction.commit()?;
    Ok(database)
}

fn read() -> String {
    match ReadOnlyDatabase::open(FILE) {
        Ok(database) => {
            let table = database.begin_read().unwrap().open_table(TABLE).unwrap();
            format!("{} rows", table.len().unwrap())
        }
        Err(error) => format!("{error:?}"),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let action = std::env::args().nth(1).unwrap_or_default();
    match action.as_str() {
        "write and drop" => drop(write()?),
        "write and exit" => {
            let _database = write()?;
            std::process::exit(0);
        }
        "open for writing" => drop(Database::open(FILE)?),
        _ => println!("{}", read()),
    }
    Ok(())
}
END
cat >expected <<'END'
written and dropped: 100 rows
written and exited: RepairAborted
opened for writing once: 100 rows
END
cargo build --quiet
program() { cargo run --quiet -- "$@"; }
{
    program 'write and drop'
    echo "written and dropped: $(program read)"
    rm numbers.redb
    program 'write and exit'
    echo "written and exited: $(program read)"
    program 'open for writing'
    echo "opened for writing once: $(program read)"
} >seen
echo 'redb 3.1.3'
cat seen
diff expected seen || {
    echo 'this has changed'
    exit 1
}
