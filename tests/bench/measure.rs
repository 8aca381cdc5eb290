//! One process, measured from outside: wall time, CPU time and peak memory.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// What a process cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of CPU, user and system, all threads.
    pub(crate) cpu: f64,
    /// Peak resident memory in MiB (`VmHWM`).
    pub(crate) peak: u64,
}

impl Cost {
    /// Costs of processes that ran one after the other.
    pub(crate) fn and_then(self, next: Self) -> Self {
        Self { wall: self.wall + next.wall, cpu: self.cpu + next.cpu, peak: self.peak.max(next.peak) }
    }
}

/// How often the kernel is asked. The peak only grows, so at most the last moments of it are missed.
const LOOK: Duration = Duration::from_millis(4);
/// Clock ticks per second in `/proc`; fixed on Linux.
const TICKS: f64 = 100.0;

/// Runs `command` to its end; any exit code in `allowed` is fine.
pub(crate) fn run(mut command: Command, allowed: &[i32]) -> Result<Cost> {
    let shown = format!("{command:?}");
    let log = tempfile::tempfile().context("a file for what it says")?;
    let mut copy = log.try_clone()?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let began = Instant::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {shown}"))?;
    let mut cost = Cost::default();
    loop {
        let look = Look::at(&child);
        cost.peak = cost.peak.max(look.peak);
        if look.ended {
            cost.wall = began.elapsed().as_secs_f64();
            cost.cpu = look.cpu;
            break;
        }
        std::thread::sleep(LOOK);
    }
    let status = child.wait()?;
    if !status.code().is_some_and(|code| allowed.contains(&code)) {
        use std::io::{Read as _, Seek as _};
        let mut said = String::new();
        copy.rewind()?;
        copy.read_to_string(&mut said)?;
        bail!("{shown} ended with {status}: {said}");
    }
    Ok(cost)
}

struct Look {
    ended: bool,
    cpu: f64,
    peak: u64,
}

impl Look {
    /// A process that has ended stays in `/proc`, with its times, until it is waited for.
    fn at(child: &Child) -> Self {
        let folder = format!("/proc/{}", child.id());
        let stat = fs::read_to_string(format!("{folder}/stat")).unwrap_or_default();
        // The name in brackets may hold spaces; the state follows it.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let number = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        let status = fs::read_to_string(format!("{folder}/status")).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
        Self {
            ended: fields.first().is_none_or(|state| *state == "Z"),
            cpu: (number(11) + number(12)) / TICKS,
            peak: peak.unwrap_or(0).div_ceil(1024),
        }
    }
}

/// CPU seconds of this thread so far.
pub(crate) fn own_cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos: f64 = text.split_whitespace().next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    nanos / 1e9
}
