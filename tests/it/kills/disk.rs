//! A disk that takes nothing more: the run ends, and nothing is sent that was not written down before.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use super::site::{Data, Site};

/// The user that owns nothing, on every system.
const NOBODY: u32 = 65_534;
/// Bytes by which the state may grow at first: not enough for anything.
const LEAST: u64 = 32 * 1024;

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("our own file");
}

#[test]
fn a_state_that_cannot_be_written_stops_the_run_before_it_writes_anywhere() {
    let mut site = Site::new(Data::Samples, 6);
    // Permissions do not hold for root.
    if fs::metadata(site.project.path()).expect("our own").uid() == 0 {
        fs::remove_dir_all(site.project.path().join(".ivohub")).unwrap_or_default();
        site.project.belongs_to(NOBODY);
    }
    set_mode(site.project.path(), 0o555);
    for _ in 0..2 {
        let (written, ended) = (site.writing(), site.project.run_pass(0));
        assert_eq!(ended.code, Some(7), "{}", ended.told("has no place for its state"));
        assert!(ended.stderr.contains(".ivohub"), "{}", ended.told("must name the place"));
        assert_eq!(site.writing(), written);
    }
    set_mode(site.project.path(), 0o755);
    site.project.finish_pass(0).expect("the first pass");
    let state = site.project.state();
    let folder = state.parent().expect("a folder").to_owned();
    let files = ["state.db", "state.db-wal", "state.db-shm", "state.lock"].map(|name| folder.join(name));
    let files: Vec<_> = files.iter().filter(|file| file.exists()).collect();
    files.iter().for_each(|file| set_mode(file, 0o444));
    set_mode(&folder, 0o555);
    let (written, ended) = (site.writing(), site.project.run_pass(1));
    assert_eq!(ended.code, Some(7), "{}", ended.told("cannot write its state"));
    assert!(ended.stderr.contains("state.lock"), "{}", ended.told("must name the file"));
    assert!(ended.stderr.contains("run the same command again"), "{}", ended.told("must say how to go on"));
    assert_eq!(site.writing(), written);
    set_mode(&folder, 0o700);
    files.iter().for_each(|file| set_mode(file, 0o600));
    site.finish();
}

#[test]
fn a_full_disk_stops_the_run_and_with_room_again_the_same_command_carries_on() {
    let mut site = Site::new(Data::Samples, 7);
    site.project.finish_pass(0).expect("the first pass");
    // The write-ahead log is what grows; the last process may have left it or cleared it away.
    let log = site.project.state().with_file_name("state.db-wal");
    let (mut room, mut cut_off) = (LEAST, 0);
    loop {
        let size = fs::metadata(&log).map_or(0, |about| about.len());
        // In blocks of 512 bytes. The signal that comes with it is switched off: what is left is a write that fails.
        let line = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", (size + room) / 512);
        site.project.through = ["sh", "-c", &line].map(str::to_owned).to_vec();
        let (written, ended) = (site.writing(), site.project.run_pass(1));
        let wrote = site.writing() - written;
        site.books();
        if matches!(ended.code, Some(0 | 3)) {
            break;
        }
        assert_eq!(ended.code, Some(7), "{}", ended.told("had no room"));
        assert!(ended.stderr.contains("state database"), "{}", ended.told("must name the state"));
        assert!(ended.stderr.contains("run the same command again"), "{}", ended.told("must say how to go on"));
        assert!(room > LEAST || wrote == 0, "{}", ended.told("had no room and wrote"));
        cut_off += u32::from(wrote > 0);
        room += room / 2;
    }
    assert!(cut_off > 0, "no run lost its disk while it was sending");
    site.project.through.clear();
    site.finish();
}
