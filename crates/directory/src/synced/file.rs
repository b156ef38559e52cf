//! The list as a file: the CSV form of the directory, written by the node and read back by it.

use std::io::{Read, Write};

use types::AgencyCode;

use super::{SyncedList, circles};
use crate::draft::Key;
use crate::problem::{Place, Problems};
use crate::{LoadError, csv_file};

/// The columns, in order.
const COLUMNS: [Key; 6] = [Key::Code, Key::Name, Key::Level, Key::Parent, Key::Aliases, Key::Mail];

impl SyncedList {
    /// Writes the list.
    ///
    /// # Errors
    /// The writer's.
    pub fn write(&self, out: impl Write) -> std::io::Result<()> {
        let mut rows = csv::Writer::from_writer(out);
        rows.write_record(COLUMNS.map(Key::as_str)).map_err(std::io::Error::from)?;
        for agency in &self.agencies {
            let aliases: Vec<&str> = agency.aliases.iter().map(AgencyCode::as_str).collect();
            let row = [
                agency.code.as_str(),
                &agency.name,
                agency.level.as_str(),
                agency.parent.as_ref().map_or("", AgencyCode::as_str),
                &aliases.join(" "),
                agency.mail.as_deref().unwrap_or_default(),
            ];
            rows.write_record(row).map_err(std::io::Error::from)?;
        }
        rows.flush()
    }

    /// Reads what [`SyncedList::write`] wrote; `name` is the file's, for problems.
    ///
    /// # Errors
    /// `invalid_argument` with every problem's line: the file is not one of ours, or damaged.
    pub fn read(source: impl Read, name: &str) -> Result<Self, LoadError> {
        let (mut problems, mut entries) = (Problems::default(), Vec::new());
        csv_file::read(source, &Place::file(name), &mut problems, &mut entries);
        let mut agencies: Vec<_> = entries.into_iter().map(|entry| entry.agency).collect();
        agencies.sort_by(|a, b| a.code.cmp(&b.code));
        agencies.dedup_by(|later, first| later.code == first.code);
        circles::cut(&mut agencies, 0);
        problems.into_result(Self { agencies })
    }
}
