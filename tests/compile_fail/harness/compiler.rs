//! The library as programs see it, and the compiler that is asked about them.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// `tests/compile_fail`.
pub static SUITE: LazyLock<PathBuf> =
    LazyLock::new(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile_fail"));

/// The library without features: what the other features of a run are does not change a text.
pub static PLAIN: LazyLock<Compiler> = LazyLock::new(|| Compiler::of("plain", &[]));

#[cfg(feature = "std")]
pub static STD: LazyLock<Compiler> = LazyLock::new(|| Compiler::of("std", &["--features", "std"]));

#[cfg(feature = "deflate")]
pub static DEFLATE: LazyLock<Compiler> =
    LazyLock::new(|| Compiler::of("deflate", &["--features", "deflate"]));

#[cfg(feature = "http")]
pub static HTTP: LazyLock<Compiler> =
    LazyLock::new(|| Compiler::of("http", &["--features", "http"]));

/// A compiler that was given the library with some features.
pub struct Compiler {
    /// Where it writes, and nobody else does.
    pub scratch: PathBuf,
    arguments: Vec<String>,
}

impl Compiler {
    fn of(name: &str, features: &[&str]) -> Self {
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile_fail");
        let scratch = scratch.join(name);
        fs::create_dir_all(&scratch).unwrap();
        let mut compiler = Self {
            arguments: library(features),
            scratch,
        };
        let built = compiler.run(
            SUITE.join("given.rs").as_path(),
            "libgiven.rlib",
            &["--crate-type=rlib", "--crate-name=given"],
        );
        assert!(built.status.success(), "given.rs: {}", text(&built.stderr));
        let given = compiler.scratch.join("libgiven.rlib");
        let given = format!("--extern=given={}", given.display());
        compiler.arguments.push(given);
        compiler
    }

    /// Builds `program` to the end, as `output`: what is wrong only with a constant counts too.
    pub fn run(&self, program: &Path, output: &str, arguments: &[&str]) -> Output {
        rustc()
            .args(["--edition=2024", "--color=never", "-Awarnings"])
            .args(["-Cdebuginfo=0", "-Cstrip=debuginfo"])
            .args(&self.arguments)
            .args(arguments)
            .arg("-o")
            .arg(self.scratch.join(output))
            .arg(program)
            .output()
            .expect("rustc can be run")
    }
}

/// The release of the compiler that is used, such as `1.95.0`.
pub fn release() -> String {
    let version = rustc().arg("-vV").output().expect("rustc can be run");
    let version = text(&version.stdout);
    let release = version
        .lines()
        .find_map(|line| line.strip_prefix("release: "));
    release.expect("rustc tells its release").to_owned()
}

fn rustc() -> Command {
    Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()))
}

/// Builds the library, where it is not built yet. Gives what rustc has to be told of it.
fn library(features: &[&str]) -> Vec<String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .args(["build", "--lib", "--offline", "--no-default-features"])
        .args(features)
        .args(["--message-format=json-render-diagnostics", "--target-dir"])
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    // The programs are compiled without these, for the host.
    for variable in [
        "CARGO_BUILD_TARGET",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTFLAGS",
    ] {
        cargo.env_remove(variable);
    }
    let built = cargo.output().expect("cargo can be run");
    assert!(built.status.success(), "{}", text(&built.stderr));
    let messages = text(&built.stdout);
    let libraries: Vec<PathBuf> = messages
        .split('"')
        .filter(|string| string.ends_with(".rlib") || string.ends_with(".rmeta"))
        .map(|string| string.replace(r"\\", r"\").into())
        .collect();
    // Not `libwsproto.rlib`, which is that of whoever was built last.
    let is_ours = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("libwsproto-") && name.ends_with(".rmeta")
    };
    let ours = libraries.iter().find(is_ours).expect("our own library");
    let ours = ours.with_extension("rlib");
    // Its dependencies stand elsewhere.
    let folders: BTreeSet<&Path> = libraries
        .iter()
        .map(|path| path.parent().unwrap())
        .collect();
    let mut arguments = vec![format!("--extern=wsproto={}", ours.display())];
    arguments.extend(
        folders
            .iter()
            .map(|folder| format!("-Ldependency={}", folder.display())),
    );
    arguments
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
