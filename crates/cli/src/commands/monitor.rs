//! `memtool monitor`: the memory use of a running job.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use memtool_profile_model::Mib;

use super::counted;
use crate::args::Monitor;
use crate::escape;
use crate::exit::Exit;
use crate::external_recorder::{RecorderOptions, check_pid};
use crate::monitor::{Feed, Follower, View, in_folder, plain, screen, watched};
use crate::output;
use crate::signals::EndWish;

pub(crate) fn run(args: &Monitor) -> anyhow::Result<Exit> {
    let Some(feed) = feed(args)? else { return Ok(Exit::NoInput) };
    let wish = EndWish::listen().context("cannot listen for signals")?;
    let view = View::new(args.memory_limit.map(Mib::new));
    let interval = Duration::from_secs_f64(args.interval);
    if args.plain || !io::stdout().is_terminal() {
        plain::run(feed, view, interval, &wish)?;
    } else {
        screen::run(feed, view, output::colours(), &wish)?;
    }
    Ok(Exit::Done)
}

/// Where the records come from; `None` if no job runs, which has been reported.
fn feed(args: &Monitor) -> anyhow::Result<Option<Feed>> {
    if let Some(pid) = args.pid {
        check_pid(pid)?;
        let options = RecorderOptions {
            config: args.config.as_deref(),
            memory_limit: args.memory_limit,
            interval: args.interval,
        };
        let feed = watched(options.plan()?.builder(pid).include_children(true));
        return feed.map(Some).with_context(|| format!("cannot record process {pid}"));
    }
    if !args.stream.is_dir() {
        if args.stream.exists() {
            let file = Follower::open(&args.stream);
            let file = file.with_context(|| format!("cannot read {}", args.stream.display()))?;
            return Ok(Some(Feed::File(file)));
        }
        report_nothing_live(&args.stream, "is not there");
        return Ok(None);
    }
    let found = in_folder(&args.stream);
    if let Some(path) = found.live {
        let file = Follower::open(&path).with_context(|| format!("cannot read {}", path.display()))?;
        return Ok(Some(Feed::File(file)));
    }
    let dead = found.closed + found.cut_off;
    let what = if dead == 0 {
        "holds no stream".to_owned()
    } else {
        format!("holds no stream that is still written ({} ended)", counted(dead, "run"))
    };
    report_nothing_live(&args.stream, &what);
    Ok(None)
}

fn report_nothing_live(place: &Path, what: &str) {
    let place = escape::control(&place.display().to_string());
    output::message(&format!("{place} {what}. There are three ways to follow a job:"));
    for line in [
        "  memtool record -- CMD             start it under the recorder, then run memtool monitor",
        "  memtool monitor STREAM|FOLDER     follow the stream that the job's own recorder writes",
        "  memtool monitor --pid PID         measure a running process from outside",
    ] {
        output::line(line);
    }
}
