//! Scenarios: text files of steps and expectations, run against a throw-away mock or a server of the reader's.
//!
//! A file names parties and their steps; each step is one call of the protocol and what its answer has to hold. The
//! steps run one after the other over real connections. The first that fails ends its scenario.

mod check;
mod external;
mod file;
mod party;
mod raw;
mod report;
mod run;
mod step;
mod written;

pub use file::{FileError, Party, Scenario};
pub use report::{Outcome, Report, StepReport, junit};
pub use run::{Progress, RunError, RunOptions, Target, run};
pub use step::{Act, Step};
