//! `cargo xtask icons`: the committed pictures, from the two drawings in `packaging/icons`.
//!
//! Small sizes have a drawing of their own, with edges on whole pixels. The results are committed,
//! so that building needs no renderer.

use crate::dist::ICON_SIZES;
use crate::problem::{Doing as _, Problem, Result};
use crate::process::{Call, Output};
use crate::workspace::Workspace;
use std::fs;
use std::path::{Path, PathBuf};

const LARGE: &str = "pilotage.svg";
const SMALL: &str = "pilotage-small.svg";
/// Up to this many pixels the small drawing is used.
const SMALL_UP_TO: u32 = 32;
/// What Windows reads from the program.
const ICO_SIZES: &[u32] = &[16, 24, 32, 48, 64, 128, 256];
/// Apple's names of sizes.
const ICNS_SIZES: &[(&[u8; 4], u32)] =
    &[(b"icp4", 16), (b"icp5", 32), (b"icp6", 64), (b"ic07", 128), (b"ic08", 256), (b"ic09", 512)];

/// Draws every size again.
pub fn write(workspace: &Workspace) -> Result<()> {
    let target = folder(workspace);
    for size in ICON_SIZES {
        let drawing = drawings(workspace).join(if *size <= SMALL_UP_TO { SMALL } else { LARGE });
        let file = target.join(format!("{size}x{size}.png"));
        let size = size.to_string();
        Call::new("rsvg-convert", workspace.root())
            .arguments(["--width", &size, "--height", &size, "--output"])
            .arguments([&file, &drawing])
            .run(Output::Silent)
            .map_err(|problem| {
                Problem::new(format!("{problem}\nrsvg-convert is of the package librsvg2-bin"))
            })?;
    }
    for (name, bytes) in containers(workspace)? {
        fs::write(target.join(name), bytes).doing(format_args!("write {name}"))?;
    }
    copy(&drawings(workspace).join(SMALL), &page_icon(workspace))?;
    println!(
        "{}: {} sizes, icon.ico, icon.icns; and the page's mark",
        target.display(),
        ICON_SIZES.len()
    );
    Ok(())
}

/// What is wrong with the committed pictures: sizes, transparency, containers that hold others.
pub fn wrong(workspace: &Workspace) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for size in ICON_SIZES {
        let name = format!("{size}x{size}.png");
        if header(&picture(workspace, *size)?) != Some((*size, *size, RGBA)) {
            wrong.push(format!("src-tauri/icons/{name} is no RGBA picture of {size} pixels"));
        }
    }
    for (name, bytes) in containers(workspace)? {
        if fs::read(folder(workspace).join(name)).ok().as_ref() != Some(&bytes) {
            wrong.push(format!("src-tauri/icons/{name} is stale; run `cargo xtask icons`"));
        }
    }
    if fs::read(page_icon(workspace)).ok() != fs::read(drawings(workspace).join(SMALL)).ok() {
        wrong.push("ui/public/icon.svg is not packaging/icons/pilotage-small.svg".to_owned());
    }
    Ok(wrong)
}

fn drawings(workspace: &Workspace) -> PathBuf {
    workspace.root().join("packaging/icons")
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("src-tauri/icons")
}

/// The mark in the sidebar, and of the page in a browser.
fn page_icon(workspace: &Workspace) -> PathBuf {
    workspace.ui().join("public/icon.svg")
}

fn picture(workspace: &Workspace, size: u32) -> Result<Vec<u8>> {
    let file = folder(workspace).join(format!("{size}x{size}.png"));
    fs::read(&file).doing(format_args!("read {}", file.display()))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).doing(format_args!("copy {}", from.display()))
}

/// Colour type of a PNG with transparency, which Tauri wants.
const RGBA: u8 = 6;

/// Width, height and colour type of a PNG.
fn header(png: &[u8]) -> Option<(u32, u32, u8)> {
    let number = |at: usize| {
        let bytes = png.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    png.starts_with(b"\x89PNG\r\n\x1a\n").then_some(())?;
    Some((number(16)?, number(20)?, *png.get(25)?))
}

/// The files that hold several sizes, as other systems want them.
fn containers(workspace: &Workspace) -> Result<[(&'static str, Vec<u8>); 2]> {
    let mut windows = Vec::new();
    for size in ICO_SIZES {
        windows.push((*size, picture(workspace, *size)?));
    }
    let mut apple = Vec::new();
    for (name, size) in ICNS_SIZES {
        apple.push((*name, picture(workspace, *size)?));
    }
    Ok([("icon.ico", ico(&windows)?), ("icon.icns", icns(&apple)?)])
}

/// A directory of 16 bytes for each picture, then the pictures as PNG. 0 stands for 256 pixels.
fn ico(pictures: &[(u32, Vec<u8>)]) -> Result<Vec<u8>> {
    let too_large = |_| Problem::new("a picture is too large for icon.ico");
    let count = u16::try_from(pictures.len()).map_err(too_large)?;
    let mut bytes = vec![0, 0, 1, 0];
    bytes.extend(count.to_le_bytes());
    let mut at = 6 + 16 * u32::from(count);
    for (size, png) in pictures {
        let length = u32::try_from(png.len()).map_err(too_large)?;
        let size = u8::try_from(*size).unwrap_or(0);
        // Width, height, no palette; one plane of 32 bits.
        bytes.extend([size, size, 0, 0, 1, 0, 32, 0]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(at.to_le_bytes());
        at += length;
    }
    for (_, png) in pictures {
        bytes.extend(png);
    }
    Ok(bytes)
}

/// A length and the pictures, each with a name of four letters and its length, headers included.
fn icns(pictures: &[(&[u8; 4], Vec<u8>)]) -> Result<Vec<u8>> {
    let length = |bytes: usize| {
        let length = u32::try_from(bytes + 8);
        length.map_err(|_| Problem::new("a picture is too large for icon.icns"))
    };
    let mut body = Vec::new();
    for (name, png) in pictures {
        body.extend(*name);
        body.extend(length(png.len())?.to_be_bytes());
        body.extend(png);
    }
    let mut bytes = b"icns".to_vec();
    bytes.extend(length(body.len())?.to_be_bytes());
    bytes.extend(body);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_pictures_are_those_of_the_drawings() {
        let workspace = Workspace::find().expect("a workspace");
        let wrong = wrong(&workspace).expect("an answer");
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn the_header_of_a_picture_is_read() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 0, 16, 0, 0, 0, 32, 8, RGBA, 0, 0, 0]);
        assert_eq!(header(&png), Some((16, 32, RGBA)), "width, height, with transparency");
        png[25] = 2;
        assert_ne!(header(&png), Some((16, 32, RGBA)), "without");
        assert_eq!(header(b"GIF89a"), None, "no PNG");
    }

    #[test]
    fn a_picture_is_found_where_the_directory_says() {
        let bytes = ico(&[(16, vec![1, 2]), (256, vec![3])]).expect("a container");
        assert_eq!(bytes[4..6], [2, 0], "two pictures");
        assert_eq!(bytes[6 + 16], 0, "256 is written as 0");
        let at = usize::from(bytes[6 + 16 + 12]);
        assert_eq!(bytes[at..], [3], "the second picture");
        let bytes = icns(&[(b"ic07", vec![7])]).expect("a container");
        assert_eq!(bytes, b"icns\0\0\0\x11ic07\0\0\0\x09\x07", "lengths count their headers");
    }
}
