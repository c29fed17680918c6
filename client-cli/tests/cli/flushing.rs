//! A change whose flush fails is there, or it is not, and the desk says which.

use noren_faults::{Disk, Fault};

use crate::support::desk::{Desk, hour};
use crate::support::person::run;

#[test]
fn a_report_whose_flush_failed_is_counted_once() {
    // [CLI-1] [CLI-3]
    let desk = Desk::with_bar();
    let (from, to) = (hour(18), hour(20));
    let report = ["--json", "authority", "report", "--venue", "Bar", "--kind", "bar", "--no-case"];
    let report = [&report[..], &["--from", &from, "--to", &to]].concat();
    let reports = || {
        let journal = desk.does(&["journal"]);
        journal.as_array().unwrap().iter().filter(|entry| entry["action"] == "report").count()
    };
    for last in [false, true] {
        let mut noted_all_the_same = 0;
        for number in 1.. {
            let (disk, before) = (Disk::under(&desk.person.path("home")), reports());
            disk.set(Fault::Unflushed, number..=if last { u64::MAX } else { number });
            let mut command = desk.person.command(&report);
            disk.lay_under(&mut command);
            let ran = run(&mut command, b"");
            let struck = disk.count() >= number;
            disk.mend();
            let new = reports() - before;
            let says = |words: &str| ran.err.contains(words);
            match ran.code {
                Some(0) => assert_eq!(new, 1, "{number}: {ran:?}"),
                _ if says("nothing of this was noted") => assert_eq!(new, 0, "{number}: {ran:?}"),
                _ if says("do not do it again") => assert_eq!(new, 1, "{number}: {ran:?}"),
                _ => assert_eq!((new, says("error: ")), (0, true), "{number}: {ran:?}"),
            }
            noted_all_the_same += usize::from(new == 1);
            assert!(!says("code: ") && !says("disk I/O"), "{number}: {ran:?}");
            if !struck {
                break;
            }
        }
        assert!(noted_all_the_same > 1, "the last flush was struck");
    }
}
