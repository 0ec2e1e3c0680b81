//! A proxy of PostgreSQL that counts the statements that write or lock, and can break at one of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::relay;

#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// The connection ends before the statement arrives.
    Cut,
    /// The statement is done, and the connection ends without a response.
    Lost,
    /// The statement is not done, and PostgreSQL returns this SQLSTATE.
    Raised(&'static str),
}

/// The count of statements, and the fault of a later one.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Plan>>);

#[derive(Default)]
struct Plan {
    /// The fault, and the number of its statement.
    fault: Option<(usize, Fault)>,
    count: usize,
    met: Option<String>,
}

impl Statements {
    /// Starts counting at zero.
    pub fn reset(&self) {
        *self.0.lock().expect("nobody panics with it") = Plan::default();
    }

    pub fn count(&self) -> usize {
        self.0.lock().expect("nobody panics with it").count
    }

    /// Plans a fault for a later statement, counted from 0.
    pub fn plan(&self, fault: Fault, statement: usize) {
        let fault = Some((statement, fault));
        *self.0.lock().expect("nobody panics with it") = Plan { fault, ..Plan::default() };
    }

    /// Removes the plan. Returns the start of the statement that met the fault.
    pub fn end(&self) -> Option<String> {
        std::mem::take(&mut *self.0.lock().expect("nobody panics with it")).met
    }

    fn take(&self, statement: &str) -> Option<Fault> {
        if !writes_or_locks(statement) {
            return None;
        }
        let mut plan = self.0.lock().expect("nobody panics with it");
        plan.count += 1;
        let number = plan.count - 1;
        let (_, fault) = plan.fault.take_if(|(meets, _)| *meets == number)?;
        plan.met = Some(statement.split_whitespace().take(4).collect::<Vec<_>>().join(" "));
        Some(fault)
    }
}

fn writes_or_locks(statement: &str) -> bool {
    let first = statement.split_whitespace().next().unwrap_or_default();
    ["INSERT", "UPDATE", "DELETE", "COMMIT"].contains(&first)
        || ["FOR UPDATE", "FOR NO KEY UPDATE", "FOR KEY SHARE"].iter().any(|lock| statement.contains(lock))
}

/// Starts a proxy before a PostgreSQL database. Takes and returns URLs.
pub async fn statements_before(url: &str, statements: &Statements) -> String {
    let host = url.split_once('@').expect("a user").1.split_once('/').expect("a database").0;
    let statements = statements.clone();
    let carry = move |client, server| {
        let statements = statements.clone();
        async move {
            // In any case both connections are closed.
            let _ = carry(client, server, &statements).await;
        }
    };
    let address = relay(&format!("http://{host}"), carry).await;
    // The messages must be readable.
    format!("{}?sslmode=disable", url.replacen(host, &address["http://".len()..], 1))
}

/// A message of the protocol (chapter "Message Formats" of PostgreSQL's manual).
struct Message {
    tag: u8,
    body: Vec<u8>,
}

impl Message {
    async fn read(from: &mut (impl AsyncReadExt + Unpin)) -> std::io::Result<Self> {
        let tag = from.read_u8().await?;
        Ok(Self { tag, body: read_body(from).await? })
    }

    /// A simple query.
    fn query(sql: &str) -> Self {
        Self { tag: b'Q', body: [sql.as_bytes(), b"\0"].concat() }
    }

    async fn write(&self, to: &mut (impl AsyncWriteExt + Unpin)) -> std::io::Result<()> {
        to.write_all(&[&[self.tag][..], &length(&self.body), &self.body].concat()).await
    }

    /// Returns a text of the message by its position.
    fn text(&self, position: usize) -> String {
        let text = self.body.split(|byte| *byte == 0).nth(position).unwrap_or_default();
        String::from_utf8_lossy(text).into_owned()
    }

    /// Returns whether PostgreSQL responds after this message.
    fn ends_group(&self) -> bool {
        matches!(self.tag, b'S' | b'Q')
    }
}

fn length(body: &[u8]) -> [u8; 4] {
    u32::try_from(body.len() + 4).expect("messages are small").to_be_bytes()
}

async fn read_body(from: &mut (impl AsyncReadExt + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut body = vec![0; (from.read_u32().await? as usize).saturating_sub(4)];
    from.read_exact(&mut body).await?;
    Ok(body)
}

/// Forwards messages in both directions until an end closes its connection or a fault does, which is `None`.
async fn carry(client: TcpStream, server: TcpStream, statements: &Statements) -> Option<()> {
    // Messages are short, and each waits for the previous.
    for stream in [&client, &server] {
        stream.set_nodelay(true).ok()?;
    }
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let start = read_body(&mut from_client).await.ok()?;
    to_server.write_all(&[&length(&start)[..], &start].concat()).await.ok()?;
    let (sender, mut messages) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Ok(message) = Message::read(&mut from_client).await {
            if sender.send(message).await.is_err() {
                break;
            }
        }
    });
    let (mut prepared, mut answer) = (HashMap::new(), vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = from_server.read(&mut answer) => {
                let length = read.ok().filter(|length| *length > 0)?;
                to_client.write_all(&answer[..length]).await.ok()?;
            }
            message = messages.recv() => {
                let message = message?;
                let statement = match message.tag {
                    b'P' => {
                        prepared.insert(message.text(0), message.text(1));
                        None
                    }
                    b'B' => prepared.get(&message.text(1)).cloned(),
                    b'Q' => Some(message.text(0)),
                    _ => None,
                };
                let Some((statement, fault)) = statement.and_then(|text| statements.take(&text).map(|fault| (text, fault)))
                else {
                    message.write(&mut to_server).await.ok()?;
                    continue;
                };
                let mut group = vec![message];
                while !group.last()?.ends_group() {
                    group.push(messages.recv().await?);
                }
                match fault {
                    Fault::Cut => return None,
                    Fault::Lost => {
                        for message in &group {
                            message.write(&mut to_server).await.ok()?;
                        }
                        while Message::read(&mut from_server).await.ok()?.tag != b'Z' {}
                        return None;
                    }
                    Fault::Raised(code) => {
                        let undo = if statement.starts_with("COMMIT") { "ROLLBACK; " } else { "" };
                        let raise = format!("{undo}DO $$ BEGIN RAISE 'a fault' USING ERRCODE = '{code}'; END $$");
                        Message::query(&raise).write(&mut to_server).await.ok()?;
                    }
                }
            }
        }
    }
}
