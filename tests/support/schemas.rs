//! Real outputs against the schemas in `docs/schemas`.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas")
}

fn read(name: &str) -> Value {
    let path = folder().join(format!("{name}.schema.json"));
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// The names of all schemas but the one that the others share.
#[allow(dead_code)]
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter_map(|name| Some(name.strip_suffix(".schema.json")?.to_owned()));
    let mut names: Vec<_> = names.filter(|name| name != "common").collect();
    names.sort();
    names
}

/// Schemas refer to each other by their files' names.
struct Neighbours;

impl Retrieve for Neighbours {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let file = uri.path().as_str().rsplit('/').next().unwrap_or_default();
        let name = file
            .strip_suffix(".schema.json")
            .ok_or("no schema of ours")?;
        Ok(read(name))
    }
}

/// A schema, ready to validate.
pub fn validator(name: &str) -> Validator {
    let options = jsonschema::options().with_retriever(Neighbours);
    let schema = read(name);
    options
        .build(&schema)
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Fails with everything that is wrong with an output.
pub fn must_be(name: &str, output: &Value) {
    let validator = validator(name);
    let faults: Vec<_> = validator
        .iter_errors(output)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        faults.is_empty(),
        "{name}: {}\n{output:#}",
        faults.join("\n")
    );
}
