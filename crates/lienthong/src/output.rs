//! What commands print: tables for people, the protobuf JSON mapping for programs.

mod words;

use std::io::{IsTerminal as _, Write};

use comfy_table::{ContentArrangement, Table, presets};
use pbjson_types::Timestamp;
use serde::Serialize;

use crate::failure::Failure;

pub(crate) use words::{
    bound_by, business_type, delivery_state, event, indication, lane, level, packet_kind, person, revocation, role,
    route, signatures, size, status_code,
};

/// Where results go and in which form.
pub(crate) struct Output {
    form: Form,
    to: Box<dyn Write + Send>,
    terminal: Terminal,
}

/// Form of the results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Tables and sentences.
    Text,
    /// `--json`.
    Json,
}

/// Whether somebody is looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Terminal {
    /// A terminal: tables fit its width, progress is shown.
    Yes,
    /// A pipe or a file: nothing is wrapped.
    No,
}

impl Output {
    /// Standard output.
    pub(crate) fn standard(form: Form) -> Self {
        let terminal = if std::io::stdout().is_terminal() { Terminal::Yes } else { Terminal::No };
        Self { form, to: Box::new(std::io::stdout()), terminal }
    }

    /// The message as JSON, or what `text` makes of it.
    pub(crate) fn show<T: Serialize>(&mut self, message: &T, text: impl FnOnce(&T, &mut Page)) -> Result<(), Failure> {
        match self.form {
            Form::Json => self.json(message),
            Form::Text => {
                let mut page = Page { text: String::new(), terminal: self.terminal };
                text(message, &mut page);
                self.raw(page.text.as_bytes())
            }
        }
    }

    /// One line of a stream: JSON on one line, or what `text` makes of it.
    pub(crate) fn show_line<T: Serialize>(
        &mut self,
        message: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        let mut line = match self.form {
            Form::Json => serde_json::to_string(message).map_err(|error| Failure::Internal(error.to_string()))?,
            Form::Text => clean(&text(message)),
        };
        line.push('\n');
        self.raw(line.as_bytes())
    }

    /// A line for people on the way to a result; with `--json` nothing.
    pub(crate) fn tell(&mut self, line: &str) -> Result<(), Failure> {
        match self.form {
            Form::Json => Ok(()),
            Form::Text => self.raw(format!("{}\n", clean(line)).as_bytes()),
        }
    }

    /// A page for people after the lines of a stream; with `--json` nothing.
    pub(crate) fn tell_page(&mut self, text: impl FnOnce(&mut Page)) -> Result<(), Failure> {
        match self.form {
            Form::Json => Ok(()),
            Form::Text => self.show(&(), |(), page| text(page)),
        }
    }

    fn json<T: Serialize>(&mut self, message: &T) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(message).map_err(|error| Failure::Internal(error.to_string()))?;
        text.push('\n');
        self.raw(text.as_bytes())
    }

    /// Bytes as they are, flushed.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.to.write_all(bytes).and_then(|()| self.to.flush()).map_err(Failure::Output)
    }
}

/// Text of one result, put together from tables and lines.
pub(crate) struct Page {
    text: String,
    terminal: Terminal,
}

impl Page {
    /// One line.
    pub(crate) fn line(&mut self, text: impl AsRef<str>) {
        self.text.push_str(&clean(text.as_ref()));
        self.text.push('\n');
    }

    /// Names and values, one pair a line; pairs without a value are left out.
    pub(crate) fn facts<'a>(&mut self, facts: impl IntoIterator<Item = (&'a str, String)>) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        self.arrange(&mut table);
        let rows: Vec<_> = facts.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        for (name, value) in rows {
            table.add_row([format!("{name}:"), clean(&value)]);
        }
        self.push(&table);
    }

    /// A table with its headings; says so when there is nothing in it.
    pub(crate) fn table<const N: usize>(&mut self, headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        let mut table = Table::new();
        table.load_style(presets::UTF8_FULL_CONDENSED);
        self.arrange(&mut table);
        table.set_header(headings);
        let mut is_empty = true;
        for row in rows {
            table.add_row(row.iter().map(|cell| clean(cell)));
            is_empty = false;
        }
        if is_empty { self.line("(không có gì — nothing)") } else { self.push(&table) }
    }

    fn arrange(&self, table: &mut Table) {
        table.set_content_arrangement(match self.terminal {
            Terminal::Yes => ContentArrangement::Dynamic,
            Terminal::No => ContentArrangement::Disabled,
        });
    }

    fn push(&mut self, table: &Table) {
        for line in table.to_string().lines() {
            // Tables without borders keep the space where the border would be.
            self.text.push_str(line.strip_prefix(' ').unwrap_or(line).trim_end());
            self.text.push('\n');
        }
    }
}

/// Text from elsewhere without the characters that steer a terminal, on one line.
pub(crate) fn clean(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| {
            if c == '\n' || c == '\t' {
                ' '
            } else if steers(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// A time in Vietnam (UTC+7, no summer time), empty when there is none.
pub(crate) fn time(at: Option<&Timestamp>) -> String {
    let Some(at) = at else { return String::new() };
    let Ok(stamp) = jiff::Timestamp::new(at.seconds, at.nanos) else { return String::new() };
    jiff::tz::Offset::constant(7).to_datetime(stamp).strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod tests;
