//! Compiles the library that stands between a program and the C library.

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/faults.c");
    if std::env::var("CARGO_CFG_TARGET_OS")? != "linux" {
        return Ok(());
    }
    let library = PathBuf::from(std::env::var("OUT_DIR")?).join("libnoren_faults.so");
    let compiler = cc::Build::new().pic(true).try_get_compiler()?;
    let status = compiler
        .to_command()
        .args(["-O1", "-fPIC", "-shared", "-U_FORTIFY_SOURCE", "-o"])
        .arg(&library)
        .args(["src/faults.c", "-ldl"])
        .status()?;
    if !status.success() {
        return Err("the C compiler failed".into());
    }
    Ok(())
}
