//! `verify-worker`: what the node starts to check signatures in; not for people.

use crate::failure::Failure;

pub(crate) fn run() -> Result<(), Failure> {
    let ended = node::run_worker(std::io::stdin().lock(), std::io::stdout().lock());
    ended.map_err(|error| match error {
        node::WorkerError::Confine(why) => Failure::Internal(format!(
            "tiến trình kiểm tra chữ ký không tự đặt được giới hạn bộ nhớ, số tệp: {why}; hộp cát phải cho phép prlimit64, xem \
             deploy/lienthong.service (a worker could not set its own limits; the sandbox has to allow prlimit64)"
        )),
        error => Failure::Internal(format!("{error}: {}", cause(&error))),
    })
}

fn cause(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}
