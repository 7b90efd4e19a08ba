//! `zabota healthz`: asks the copy that runs on this machine whether it lives. For Docker's
//! HEALTHCHECK, so that the image needs no curl.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(3);

/// Exits 0 if `http://address/healthz` answers 200, otherwise 1 with the reason.
pub fn run(address: SocketAddr, err: &mut impl Write) -> ExitCode {
    match ask(reachable(address)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => fail(err, "it does not answer 200"),
        Err(error) => fail(err, &error.to_string()),
    }
}

fn fail(err: &mut impl Write, why: &str) -> ExitCode {
    // Nobody reads it: the exit code is what counts.
    let _ = writeln!(err, "not healthy: {why}");
    ExitCode::FAILURE
}

/// Who listens everywhere is reached here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn ask(address: SocketAddr) -> io::Result<bool> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    // In one piece: a server that answers early must not find the rest after it has hung up.
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(&status == b"HTTP/1.1 200")
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, thread};

    use super::*;

    fn answering(status: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _request = stream.read(&mut [0; 512]).unwrap();
            stream
                .write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes())
                .unwrap();
        });
        SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), address.port())
    }

    #[test]
    fn it_lives_if_it_answers_200() {
        assert_eq!(run(answering("200 OK"), &mut Vec::new()), ExitCode::SUCCESS);
        assert_eq!(run(answering("500 Oh"), &mut Vec::new()), ExitCode::FAILURE);
    }

    #[test]
    fn nobody_there_is_not_healthy() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(run(address, &mut Vec::new()), ExitCode::FAILURE);
    }
}
