//! Published CSV: links are secrets, and only tables come through them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use ivohub::mapping::SHIPPED;

use super::{files, project};
use crate::project::{Done, Project, private};

/// Answers every request by the table its path names, from its own thread; dies with the process.
fn serve(answer: fn(&str) -> String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for socket in listener.incoming() {
            let Ok(mut socket) = socket else { continue };
            let mut buffer = [0_u8; 8192];
            let read = socket.read(&mut buffer).unwrap_or(0);
            let request = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let _gone = socket.write_all(answer(path).as_bytes());
        }
    });
    port
}

fn ok(kind: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// A shipped table as a spreadsheet service writes it: commas, CRLF, everything quoted.
fn table(name: &str) -> String {
    let (_, text) = SHIPPED.iter().find(|(file, _)| file.strip_suffix(".csv") == Some(name)).expect("a table");
    let rows = super::cells(text).into_iter().map(|row| {
        let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        format!("{}\r\n", cells.join(","))
    });
    rows.collect()
}

/// Points the manifest at links of these tables.
fn link(project: &Project, links: &[(&str, String)]) {
    let manifest = SHIPPED.iter().find(|(name, _)| *name == "mapping.toml").expect("shipped").1;
    let source = "[source]\nkind = \"published-csv\"\nurls = { file = \"secrets/sheet-urls.toml\" }\n";
    project.put("mappings/mapping.toml", format!("{manifest}\n{source}"));
    fs::create_dir_all(project.path("mappings/secrets")).expect("a folder");
    let lines = links.iter().map(|(table, link)| format!("{table} = \"{link}\"\n")).collect::<Vec<_>>().concat();
    project.put("mappings/secrets/sheet-urls.toml", lines);
    private(&project.path("mappings/secrets/sheet-urls.toml"));
}

fn pull(project: &Project) -> Done {
    let done = project.run(&["mappings", "pull", "--yes", "-vv"]);
    assert!(!done.all().contains("geheim"), "{}", done.all());
    done
}

#[test]
fn published_sheets_become_tables() {
    let port = serve(|path| {
        match path {
        "/pub/geheim/status" => "HTTP/1.1 307 Temporary Redirect\r\nlocation: /content/geheim\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/content/geheim" => ok("text/csv", &table("status")),
        _ => ok("text/csv; charset=utf-8", &table("pipeline")),
    }
    });
    let project = project();
    let canonical = files(&project);
    let at = |name: &str| format!("http://127.0.0.1:{port}/pub/geheim/{name}");
    link(&project, &[("status", at("status")), ("Pipeline", at("pipeline"))]);
    project.put("mappings/status.csv", canonical["status.csv"].replace("\nState;geplant", "\nState;vorgesehen"));
    pull(&project).exits(0).says(&["status.csv", "1 added, 1 removed", "1 table replaced"]);
    let after = files(&project);
    assert_eq!((&after["status.csv"], &after["pipeline.csv"]), (&canonical["status.csv"], &canonical["pipeline.csv"]));
    assert!(after[".pulled.json"].contains("\"source\":\"127.0.0.1\"") && !after[".pulled.json"].contains("geheim"));
}

#[test]
fn a_login_page_is_no_table() {
    let port = serve(|path| {
        match path {
        "/geheim/page" => ok("text/html; charset=utf-8", "<!DOCTYPE html><html>Sign in</html>"),
        "/geheim/liar" => ok("text/csv", "\n <html><body>Sign in</body></html>"),
        "/geheim/away" => "HTTP/1.1 302 Found\r\nlocation: https://accounts.google.com/geheim\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/geheim/gone" => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        "/geheim/busy" => "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        _ => ok("text/csv", &table("status")),
    }
    });
    let project = project();
    let at = |name: &str| format!("http://127.0.0.1:{port}/geheim/{name}");
    for (name, exit, words) in [
        ("page", 2, ["M090", "a web page came", "Publish to web"]),
        ("liar", 2, ["M090", "a web page came", "Publish to web"]),
        ("away", 2, ["M090", "accounts.google.com", "Publish to web"]),
        ("gone", 2, ["M090", "status 404", "Publish to web"]),
        ("busy", 3, ["status 503", "nothing was replaced", "later"]),
    ] {
        link(&project, &[("pipeline", at("ok")), ("status", at(name))]);
        let before = files(&project);
        pull(&project).exits(exit).says(&words);
        assert_eq!(files(&project), before, "{name}");
    }
    for other in ["http://docs.google.com/geheim", "https://example.org/geheim", "geheim"] {
        link(&project, &[("status", other.to_owned())]);
        pull(&project).exits(2).says(&["M090"]);
    }
}

#[test]
fn links_are_kept_from_others() {
    use std::os::unix::fs::PermissionsExt;
    let project = project();
    link(&project, &[("status", "https://docs.google.com/geheim".to_owned())]);
    let file = project.path("mappings/secrets/sheet-urls.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("its mode is set");
    pull(&project).exits(4).says(&["chmod 600"]);
    project.put("mappings/secrets/sheet-urls.toml", "status = https://docs.google.com/geheim\n");
    private(&file);
    pull(&project).exits(2).says(&["one link per table"]);
    // A live profile reads from outside only.
    link(&project, &[("status", "http://127.0.0.1:9/geheim".to_owned())]);
    project.configure("live", "");
    let done = project.run(&["mappings", "pull", "--yes"]);
    assert!(done.exit != 0 && !done.all().contains("geheim"), "{}", done.all());
}
