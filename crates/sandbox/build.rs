//! Lists what lies in `page/`, so that `src/page.rs` embeds every file of it.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=page");
    let page = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("page");
    let mut files = Vec::new();
    for entry in fs::read_dir(page)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push((entry.file_name(), entry.path()));
        }
    }
    files.sort();
    let lines = files.iter().map(|(name, path)| {
        format!(
            "    ({:?}, include_bytes!({:?})),\n",
            name.to_string_lossy(),
            path.display().to_string()
        )
    });
    let list = format!("&[\n{}]\n", lines.collect::<String>());
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("page.rs"), list)
}
