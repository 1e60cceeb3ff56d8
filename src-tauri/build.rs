//! Declares the one command of the app, so that no window may call anything else, and makes sure
//! that a change of the built page is seen.

fn main() {
    println!("cargo::rerun-if-changed=../ui/dist");
    if !std::path::Path::new("../ui/dist/index.html").exists() {
        println!(
            "cargo::error=The page is not built yet. Run `cargo xtask run`, or `npm ci` and \
             `npm run build` in ui/, then build again."
        );
        std::process::exit(1);
    }
    let manifest = tauri_build::AppManifest::new().commands(&["call"]);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error={error:#}");
        std::process::exit(1);
    }
}
