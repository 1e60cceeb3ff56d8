//! A file layer between the database and the system's own: it writes down what is written, flushed and
//! deleted, and can make the n-th call fail. Everything else passes through, so that locks and the
//! shared index of the log are the real ones.
//!
//! The one place with `unsafe`. What it relies on: the database calls a method only with the file that
//! `open` filled, whose memory it keeps until `close`; the system's layer lives as long as the
//! process; a file is used by one thread at a time.

#![allow(unsafe_code)]

use crate::tape::{Call, Event, Fault, Tape};
use libsqlite3_sys as sys;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};

/// The name under which it is registered.
pub const NAME: &str = "pilotage-faults";

/// A file of ours, with the system's own right behind it.
#[repr(C)]
struct File {
    base: sys::sqlite3_file,
    /// Leaked by `open`, freed by `close`; null for files that no tape is about.
    tape: *mut Taped,
}

struct Taped {
    tape: Arc<Tape>,
    path: PathBuf,
}

const OURS: usize = size_of::<File>().next_multiple_of(16);

/// Registers the layer once.
pub fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the system's layer is static; ours is leaked, so it is too.
        unsafe {
            let system = sys::sqlite3_vfs_find(std::ptr::null());
            assert!(!system.is_null(), "SQLite has a file layer");
            let mut ours = *system;
            let extra = c_int::try_from(OURS).unwrap_or(c_int::MAX);
            ours.szOsFile = extra + (*system).szOsFile;
            ours.zName = c"pilotage-faults".as_ptr();
            ours.pNext = std::ptr::null_mut();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            let registered = sys::sqlite3_vfs_register(Box::leak(Box::new(ours)), 0);
            assert_eq!(registered, sys::SQLITE_OK, "the layer is registered");
        }
    });
}

unsafe fn system() -> *mut sys::sqlite3_vfs {
    unsafe { sys::sqlite3_vfs_find(std::ptr::null()) }
}

/// The system's file behind ours.
unsafe fn behind(file: *mut sys::sqlite3_file) -> *mut sys::sqlite3_file {
    unsafe { file.cast::<u8>().add(OURS).cast() }
}

unsafe fn methods(file: *mut sys::sqlite3_file) -> &'static sys::sqlite3_io_methods {
    unsafe { &*(*behind(file)).pMethods }
}

unsafe fn taped<'a>(file: *mut sys::sqlite3_file) -> Option<&'a Taped> {
    unsafe { (*file.cast::<File>()).tape.as_ref() }
}

unsafe fn path_of(name: *const c_char) -> Option<PathBuf> {
    if name.is_null() {
        return None;
    }
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Some(Path::new(OsStr::from_bytes(bytes)).to_owned())
}

fn code(fault: Fault, otherwise: c_int) -> c_int {
    match fault {
        Fault::Full => sys::SQLITE_FULL,
        Fault::Io => otherwise,
    }
}

unsafe extern "C" fn open(
    _: *mut sys::sqlite3_vfs,
    name: sys::sqlite3_filename,
    file: *mut sys::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        let ours = file.cast::<File>();
        (*ours).base.pMethods = std::ptr::null();
        (*ours).tape = std::ptr::null_mut();
        let path = path_of(name);
        let tape = path.as_deref().and_then(Tape::of);
        if let Some(fault) = tape.as_ref().and_then(|tape| tape.call(Call::Open)) {
            return code(fault, sys::SQLITE_CANTOPEN);
        }
        let is_new = path.as_ref().is_some_and(|path| !path.exists());
        let system = system();
        let Some(system_open) = (*system).xOpen else { return sys::SQLITE_CANTOPEN };
        let result = system_open(system, name, behind(file), flags, out);
        if (*behind(file)).pMethods.is_null() {
            return result;
        }
        (*ours).base.pMethods = &raw const METHODS;
        if let (Some(tape), Some(path)) = (tape, path) {
            if is_new {
                tape.record(Event::Created(path.clone()));
            }
            (*ours).tape = Box::into_raw(Box::new(Taped { tape, path }));
        }
        result
    }
}

unsafe extern "C" fn delete(_: *mut sys::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    unsafe {
        let path = path_of(name);
        let tape = path.as_deref().and_then(Tape::of);
        if let Some(fault) = tape.as_ref().and_then(|tape| tape.call(Call::Delete)) {
            return code(fault, sys::SQLITE_IOERR_DELETE);
        }
        let system = system();
        let Some(system_delete) = (*system).xDelete else { return sys::SQLITE_IOERR_DELETE };
        let result = system_delete(system, name, sync);
        if let (Some(tape), Some(path), sys::SQLITE_OK) = (tape, path, result) {
            tape.record(Event::Removed(path.clone()));
            if sync != 0 {
                tape.record(Event::FolderSynced(path.parent().unwrap_or(&path).to_owned()));
            }
        }
        result
    }
}

unsafe extern "C" fn close(file: *mut sys::sqlite3_file) -> c_int {
    unsafe {
        let ours = file.cast::<File>();
        if !(*ours).tape.is_null() {
            drop(Box::from_raw((*ours).tape));
            (*ours).tape = std::ptr::null_mut();
        }
        methods(file).xClose.map_or(sys::SQLITE_OK, |close| close(behind(file)))
    }
}

unsafe extern "C" fn read(
    file: *mut sys::sqlite3_file,
    to: *mut c_void,
    count: c_int,
    at: sys::sqlite3_int64,
) -> c_int {
    unsafe {
        if taped(file).is_some_and(|taped| taped.tape.call(Call::Read).is_some()) {
            return sys::SQLITE_IOERR_READ;
        }
        methods(file).xRead.map_or(sys::SQLITE_IOERR, |read| read(behind(file), to, count, at))
    }
}

unsafe extern "C" fn write(
    file: *mut sys::sqlite3_file,
    from: *const c_void,
    count: c_int,
    at: sys::sqlite3_int64,
) -> c_int {
    unsafe {
        if let Some(taped) = taped(file) {
            if let Some(fault) = taped.tape.call(Call::Write) {
                return code(fault, sys::SQLITE_IOERR_WRITE);
            }
            let (Ok(count), Ok(at)) = (usize::try_from(count), u64::try_from(at)) else {
                return sys::SQLITE_IOERR_WRITE;
            };
            let bytes = std::slice::from_raw_parts(from.cast::<u8>(), count).to_vec();
            taped.tape.record(Event::Wrote { path: taped.path.clone(), at, bytes });
        }
        methods(file).xWrite.map_or(sys::SQLITE_IOERR, |write| write(behind(file), from, count, at))
    }
}

unsafe extern "C" fn truncate(file: *mut sys::sqlite3_file, size: sys::sqlite3_int64) -> c_int {
    unsafe {
        if let Some(taped) = taped(file) {
            if let Some(fault) = taped.tape.call(Call::Truncate) {
                return code(fault, sys::SQLITE_IOERR_TRUNCATE);
            }
            let size = u64::try_from(size).unwrap_or(0);
            taped.tape.record(Event::Cut { path: taped.path.clone(), size });
        }
        methods(file).xTruncate.map_or(sys::SQLITE_IOERR, |truncate| truncate(behind(file), size))
    }
}

unsafe extern "C" fn sync(file: *mut sys::sqlite3_file, flags: c_int) -> c_int {
    unsafe {
        if taped(file).is_some_and(|taped| taped.tape.call(Call::Sync).is_some()) {
            return sys::SQLITE_IOERR_FSYNC;
        }
        let result =
            methods(file).xSync.map_or(sys::SQLITE_IOERR, |sync| sync(behind(file), flags));
        if let (Some(taped), sys::SQLITE_OK) = (taped(file), result) {
            taped.tape.record(Event::Synced(taped.path.clone()));
        }
        result
    }
}

macro_rules! pass {
    ($name:ident, $method:ident, ($($argument:ident: $kind:ty),*) -> $answer:ty, $otherwise:expr) => {
        unsafe extern "C" fn $name(file: *mut sys::sqlite3_file, $($argument: $kind),*) -> $answer {
            unsafe { methods(file).$method.map_or($otherwise, |method| method(behind(file), $($argument),*)) }
        }
    };
}

pass!(file_size, xFileSize, (size: *mut sys::sqlite3_int64) -> c_int, sys::SQLITE_IOERR);
pass!(lock, xLock, (level: c_int) -> c_int, sys::SQLITE_IOERR);
pass!(unlock, xUnlock, (level: c_int) -> c_int, sys::SQLITE_IOERR);
pass!(reserved, xCheckReservedLock, (out: *mut c_int) -> c_int, sys::SQLITE_IOERR);
pass!(control, xFileControl, (op: c_int, argument: *mut c_void) -> c_int, sys::SQLITE_NOTFOUND);
pass!(sector_size, xSectorSize, () -> c_int, 4096);
pass!(characteristics, xDeviceCharacteristics, () -> c_int, 0);
pass!(shm_map, xShmMap, (page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void) -> c_int, sys::SQLITE_IOERR);
pass!(shm_lock, xShmLock, (offset: c_int, count: c_int, flags: c_int) -> c_int, sys::SQLITE_IOERR);
pass!(shm_barrier, xShmBarrier, () -> (), ());
pass!(shm_unmap, xShmUnmap, (delete: c_int) -> c_int, sys::SQLITE_IOERR);

/// Without memory mapping: the product maps nothing either.
static METHODS: sys::sqlite3_io_methods = sys::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
