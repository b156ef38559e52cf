//! The input with a meter: counts bytes, and stops before anything can pile up.

use std::io::{self, BufRead, Read};

use crate::Limits;

/// What stopped the input.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The input's own error.
    Input(io::Error),
    /// One text, tag, comment or instruction is longer than allowed.
    Event,
    /// Everything outside attachment content is longer than allowed.
    Header,
    /// The packet is longer than allowed.
    Packet,
}

/// Longest run that is taken to look at and put back: the head of the packet.
const REPLAY_MAX: usize = super::preamble::HEAD_MAX;
/// Bytes an event may take beyond its text: quotes, brackets, and the look at what follows.
const EVENT_SLACK: usize = 64;

/// Counts what is taken from `input`; refuses to show more than the budgets allow.
#[derive(Debug)]
pub(crate) struct Metered<R> {
    input: R,
    /// Bytes put back, to be read again first.
    replay: Vec<u8>,
    taken: u64,
    event_left: u64,
    header_left: u64,
    packet_left: u64,
    region: Region,
    stop: Option<Stop>,
}

/// Which budgets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Region {
    /// XML that is parsed: all budgets.
    Markup,
    /// Attachment content, which is never held: only the packet's length.
    Content,
}

impl<R: BufRead> Metered<R> {
    pub(crate) fn new(input: R, limits: &Limits) -> Self {
        Self {
            input,
            replay: Vec::with_capacity(REPLAY_MAX),
            taken: 0,
            event_left: 0,
            header_left: limits.header_bytes_max,
            packet_left: limits.packet_bytes_max,
            region: Region::Content,
            stop: None,
        }
    }

    /// Bytes taken so far: the offset of the next one.
    pub(crate) const fn offset(&self) -> u64 {
        self.taken
    }

    /// What made `fill_buf` fail.
    pub(crate) fn take_stop(&mut self) -> Option<Stop> {
        self.stop.take()
    }

    /// Starts the budget of one XML event of at most `max` bytes.
    pub(crate) fn begin_event(&mut self, max: usize) {
        self.region = Region::Markup;
        self.event_left = max.saturating_add(EVENT_SLACK) as u64;
    }

    /// Starts attachment content.
    pub(crate) const fn begin_content(&mut self) {
        self.region = Region::Content;
    }

    /// Takes up to `count` bytes (at most [`REPLAY_MAX`]), fewer only at the end of the input.
    pub(crate) fn take_up_to(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count.min(REPLAY_MAX)];
        let mut have = 0;
        while have < bytes.len() {
            match self.read(bytes.get_mut(have..).unwrap_or_default())? {
                0 => break,
                more => have += more,
            }
        }
        bytes.truncate(have);
        Ok(bytes)
    }

    /// Makes bytes from [`take_up_to`](Self::take_up_to) the next ones again.
    pub(crate) fn put_back(&mut self, bytes: &[u8]) {
        self.replay.splice(0..0, bytes.iter().copied());
        self.taken -= bytes.len() as u64;
        self.packet_left = self.packet_left.saturating_add(bytes.len() as u64);
    }

    fn stopped<T>(&mut self, stop: Stop) -> io::Result<T> {
        self.stop = Some(stop);
        Err(io::Error::other("the packet's meter stopped the reading"))
    }

    /// How many bytes may be shown, and what stops the reading when it is none.
    fn allowance(&self) -> (u64, Stop) {
        let packet = (self.packet_left, Stop::Packet);
        match self.region {
            Region::Content => packet,
            Region::Markup => {
                let tightest = |a: (u64, Stop), b: (u64, Stop)| if b.0 < a.0 { b } else { a };
                tightest(tightest(packet, (self.header_left, Stop::Header)), (self.event_left, Stop::Event))
            }
        }
    }

    /// Bytes the input has ready; 0 only at its end.
    fn ready(&mut self) -> io::Result<usize> {
        if !self.replay.is_empty() {
            return Ok(self.replay.len());
        }
        loop {
            match self.input.fill_buf() {
                Ok(bytes) => return Ok(bytes.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.stopped(Stop::Input(error)),
            }
        }
    }
}

impl<R: BufRead> BufRead for Metered<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let ready = self.ready()?;
        let (allowed, stop) = self.allowance();
        if ready > 0 && allowed == 0 {
            return self.stopped(stop);
        }
        let shown = ready.min(usize::try_from(allowed).unwrap_or(usize::MAX));
        let bytes = if self.replay.is_empty() { self.input.fill_buf()? } else { &self.replay };
        Ok(bytes.get(..shown).unwrap_or(bytes))
    }

    fn consume(&mut self, count: usize) {
        let bytes = count as u64;
        self.taken += bytes;
        self.packet_left = self.packet_left.saturating_sub(bytes);
        if self.region == Region::Markup {
            self.header_left = self.header_left.saturating_sub(bytes);
            self.event_left = self.event_left.saturating_sub(bytes);
        }
        if self.replay.is_empty() {
            self.input.consume(count);
        } else {
            self.replay.drain(..count.min(self.replay.len()));
        }
    }
}

impl<R: BufRead> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}
