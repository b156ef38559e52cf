//! Threads that talk to one key's module, each with a session of its own.
//!
//! A session belongs to one thread at a time (PKCS #11 2.40, usage guide 2.6.1), and a call to a module cannot be broken
//! off. So each caller waits on a channel, with a limit; a thread that hangs in the module is left there, and the others
//! go on.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cryptoki::context::Pkcs11;
use signature::{KeyKind, RsaPadding};

use crate::open::Open;
use crate::{KeyAddress, Pin, TokenError};

/// What a key is, as its token says.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) kind: KeyKind,
    pub(crate) public_key: Vec<u8>,
    pub(crate) certificates: Vec<Vec<u8>>,
}

/// What is asked of a thread.
enum Ask {
    Describe(SyncSender<Result<Description, TokenError>>),
    Sign { message: Vec<u8>, padding: RsaPadding, answer: SyncSender<Result<Vec<u8>, TokenError>> },
}

struct Job {
    ask: Ask,
    /// Nobody waits any longer.
    until: Instant,
}

/// What the threads share.
struct Shared {
    context: Pkcs11,
    address: KeyAddress,
    pin: Option<Pin>,
    jobs: Mutex<Receiver<Job>>,
    /// The key as it was found first: another one must not sign in its place.
    known: Mutex<Option<Vec<u8>>>,
    /// Set once the token refused the PIN: it is not tried again.
    pin_refused: Mutex<Option<TokenError>>,
}

/// The threads of one key. They end with this value, or when the module lets go of them.
pub(crate) struct Workers {
    jobs: Sender<Job>,
    limit: Duration,
}

impl Workers {
    pub(crate) fn start(
        context: Pkcs11,
        address: KeyAddress,
        pin: Option<Pin>,
        count: usize,
        limit: Duration,
    ) -> Result<Self, TokenError> {
        let (jobs, waiting) = channel();
        let shared = Arc::new(Shared {
            context,
            address,
            pin,
            jobs: Mutex::new(waiting),
            known: Mutex::default(),
            pin_refused: Mutex::default(),
        });
        for _ in 0..count.max(1) {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name("pkcs11".to_owned())
                .spawn(move || shared.work())
                .map_err(|error| TokenError::Away { why: error.to_string() })?;
        }
        Ok(Self { jobs, limit })
    }

    pub(crate) fn describe(&self) -> Result<Description, TokenError> {
        self.ask(Ask::Describe)
    }

    pub(crate) fn sign(&self, message: &[u8], padding: RsaPadding) -> Result<Vec<u8>, TokenError> {
        self.ask(|answer| Ask::Sign { message: message.to_vec(), padding, answer })
    }

    fn ask<T>(&self, ask: impl FnOnce(SyncSender<Result<T, TokenError>>) -> Ask) -> Result<T, TokenError> {
        let (answer, answered) = sync_channel(1);
        let ended = || TokenError::Away { why: "the threads of the module have ended".to_owned() };
        self.jobs.send(Job { ask: ask(answer), until: Instant::now() + self.limit }).map_err(|_| ended())?;
        match answered.recv_timeout(self.limit) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => Err(TokenError::Silent { limit: self.limit }),
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
        }
    }
}

impl Shared {
    fn work(&self) {
        let mut session = None;
        loop {
            let Ok(job) = lock(&self.jobs).recv() else { return };
            if job.until <= Instant::now() {
                continue;
            }
            // Whoever waited may have gone in the meantime: the answer is then nobody's.
            let is_heard = match job.ask {
                Ask::Describe(answer) => answer.send(self.with(&mut session, Open::describe)).is_ok(),
                Ask::Sign { message, padding, answer } => {
                    answer.send(self.with(&mut session, |open| open.sign(&message, padding))).is_ok()
                }
            };
            if !is_heard {
                tracing::warn!(token.key = %self.address, "the device answered after its time");
            }
        }
    }

    /// Does something with this thread's session; once more with a new one where the token was out in between.
    fn with<T>(
        &self,
        session: &mut Option<Open>,
        act: impl Fn(&Open) -> Result<T, TokenError>,
    ) -> Result<T, TokenError> {
        if let Some(open) = session.as_ref() {
            match act(open) {
                Err(error) if error.is_passing() => {
                    tracing::warn!(token.key = %self.address, error = %error, "the session failed; opening another");
                    *session = None;
                }
                other => return other,
            }
        }
        let open = self.open()?;
        let done = act(&open);
        // A session that failed at once is not kept either.
        if done.as_ref().is_ok_and(|_| true) {
            *session = Some(open);
        }
        done
    }

    fn open(&self) -> Result<Open, TokenError> {
        if let Some(refused) = lock(&self.pin_refused).clone() {
            return Err(refused);
        }
        let open = Open::of(&self.context, &self.address, self.pin.as_ref()).inspect_err(|error| {
            if error.is_about_the_pin() {
                *lock(&self.pin_refused) = Some(error.clone());
            }
        })?;
        let mut known = lock(&self.known);
        match known.as_ref() {
            Some(known) if *known != open.public_key => {
                Err(TokenError::KeyChanged { key: self.address.key.to_string() })
            }
            Some(_) => Ok(open),
            None => {
                *known = Some(open.public_key.clone());
                Ok(open)
            }
        }
    }
}

impl Open {
    fn describe(&self) -> Result<Description, TokenError> {
        Ok(Description {
            kind: self.kind,
            public_key: self.public_key.clone(),
            certificates: self.certificates.clone(),
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
