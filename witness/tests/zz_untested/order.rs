//! The order in which cargo runs test targets.

use std::process::Command;

use serde::Deserialize;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    test: bool,
}

impl Target {
    /// Cargo's order of kinds; libraries have several names.
    fn rank(&self) -> usize {
        const AFTER_LIBRARIES: [&str; 4] = ["bin", "test", "bench", "example"];
        let kind = |kind: &&str| self.kind.iter().any(|own| own == kind);
        let place = AFTER_LIBRARIES.iter().position(kind);
        place.map_or(0, |place| place + 1)
    }
}

/// Test targets of the workspace that run after the target `name` of this package.
///
/// # Errors
/// What is wrong with cargo's answer.
pub fn later_targets(name: &str) -> Result<Vec<String>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]);
    let output = command.output().map_err(|error| error.to_string())?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}\n{}", String::from_utf8_lossy(&output.stderr)))?;
    let mut targets = Vec::new();
    for package in &metadata.packages {
        for target in package.targets.iter().filter(|target| target.test) {
            targets.push((package.name.as_str(), target.rank(), target.name.as_str()));
        }
    }
    targets.sort_unstable();
    let own = (env!("CARGO_PKG_NAME"), name);
    let mut after = targets
        .iter()
        .map(|(package, _, target)| (*package, *target));
    if !after.any(|target| target == own) {
        return Err(format!("{name} is not among them"));
    }
    Ok(after
        .map(|(package, target)| format!("{target} of {package}"))
        .collect())
}
