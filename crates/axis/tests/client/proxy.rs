//! Calls through a proxy.

use std::sync::{Arc, Mutex};

use axis::MessageType;
use axis::client::{Client, ClientOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::scripted::{Scripted, json, options};
use crate::started::Started;
use crate::tls::Pki;

/// A proxy that connects to `target` whatever name it is asked for, or refuses; returns its port and what it was asked.
async fn tunnelling(target: Option<u16>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                seen.lock().unwrap().push(String::from_utf8(head).unwrap());
                let Some(target) = target else {
                    stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").await.unwrap();
                    return;
                };
                stream.write_all(b"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n").await.unwrap();
                let mut target = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
                drop(copy_bidirectional(&mut stream, &mut target).await);
            });
        }
    });
    (port, asked)
}

fn through(proxy: &str, endpoint: &str, pki: &Pki) -> Client {
    let proxy = Some(proxy.parse().unwrap());
    let endpoint = endpoint.parse().unwrap();
    Client::new(ClientOptions { endpoint, proxy, tls: Some(pki.client()), ..options(0) }).unwrap()
}

#[tokio::test]
async fn https_goes_through_a_tunnel_and_the_proxy_resolves_the_name() {
    let (started, pki) = (Started::new().await, Pki::new());
    let target = pki.terminate("axis.example", started.port).await;
    let (port, asked) = tunnelling(Some(target)).await;
    let client = through(&format!("http://user:pw@127.0.0.1:{port}"), "https://axis.example/axis", &pki);
    for _ in 0..2 {
        assert_eq!(client.count(MessageType::Edoc).await.unwrap(), 0);
    }
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "the tunnel is kept");
    assert!(asked[0].starts_with("CONNECT axis.example:443 HTTP/1.1\r\nHost: axis.example:443\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("Proxy-Authorization: Basic dXNlcjpwdw==\r\n"));
}

#[tokio::test]
async fn a_refused_tunnel_is_told_with_the_proxys_words_and_without_the_password() {
    let (port, _) = tunnelling(None).await;
    let client = through(&format!("http://user:word@127.0.0.1:{port}"), "https://axis.example/axis", &Pki::new());
    let error = client.count(MessageType::Edoc).await.unwrap_err().to_string();
    assert!(error.contains("407 Proxy Authentication Required"), "{error}");
    assert!(!error.contains("word"), "{error}");
}

#[tokio::test]
async fn plain_requests_name_the_whole_url_to_the_proxy() {
    let proxy = Scripted::always(json(r#"{"status":"OK","count":3}"#)).await;
    let address = format!("http://user:pw@127.0.0.1:{}", proxy.port);
    let client = through(&address, "http://axis.example:8080/axis", &Pki::new());
    assert_eq!(client.count(MessageType::Edoc).await.unwrap(), 3);
    let head = &proxy.seen()[0].head;
    assert!(head.starts_with("POST http://axis.example:8080/axis/countReceiveEdoc HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: Basic dXNlcjpwdw==\r\n"), "{head}");
    assert!(!head.contains("\"XroadVnpt-proxy"), "{head}");
}
