//! The simulated portal in a process of its own, without limits.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result};
use ivohub::sandbox::hubspot::{Limits, Portal, Settings};
use ivohub::sandbox::server::Server;
use serde_json::Value;

/// A portal that listens until it is dropped.
pub(crate) struct Served {
    child: Child,
    /// Kept open: the portal ends with it.
    _out: BufReader<ChildStdout>,
    pub(crate) url: String,
}

/// Serves an empty portal until killed; its address is the first line on stdout.
pub(crate) fn serve() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let settings = Settings { limits: Limits::unlimited(), ..Settings::default() };
        let running = Server::start(Portal::new(settings), 0).await?;
        println!("{}", running.url());
        std::future::pending::<Result<()>>().await
    })
}

impl Served {
    pub(crate) fn start() -> Result<Self> {
        let mut child =
            Command::new(std::env::current_exe()?).arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut out = BufReader::new(child.stdout.take().context("stdout is piped")?);
        let mut url = String::new();
        out.read_line(&mut url)?;
        Ok(Self { child, _out: out, url: url.trim().to_owned() })
    }

    /// How often the portal was called so far: all calls, and those that write.
    pub(crate) fn calls(&self) -> Result<(u64, u64)> {
        let mut line = TcpStream::connect(self.url.trim_start_matches("http://"))?;
        line.write_all(b"GET /_sandbox/counters HTTP/1.1\r\nhost: portal\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        line.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").context("an answer has a body")?;
        let counters: Value = serde_json::from_str(body)?;
        let number = |name: &str| counters[name].as_u64().context("a counter is missing");
        Ok((number("calls")?, number("writing")?))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It holds nothing that is needed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
