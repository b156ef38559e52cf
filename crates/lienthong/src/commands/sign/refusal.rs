//! Why something was not signed, in words that say what to do.

use signature::{PdfSignError, SignError};
use types::ErrorCode;

use crate::failure::{Failure, chain};

/// Of a PDF.
pub(super) fn of_pdf(error: &PdfSignError) -> Failure {
    let said = chain(error);
    match error {
        PdfSignError::Document(_) => {
            let detail = format!("không ký: ký vào tệp này thì không kiểm tra được ({said})");
            Failure::Unverified { code: error.code(), detail }
        }
        PdfSignError::Earlier { .. } => {
            let detail = format!("không ký: chữ ký đã có trong tài liệu không đúng ({said})");
            Failure::Unverified { code: error.code(), detail }
        }
        PdfSignError::NoPage { .. } => Failure::usage(format!("không có trang này ({said})")),
        PdfSignError::Place { .. } => {
            Failure::usage(format!("không có chỗ đặt chữ ký: dùng --at-rect hoặc --field ({said})"))
        }
        PdfSignError::Field { .. } => Failure::usage(format!("không ký được vào trường này ({said})")),
        PdfSignError::Image { .. } => Failure::usage(format!("ảnh chữ ký không dùng được ({said})")),
        PdfSignError::Font { .. } => Failure::usage(format!("phông chữ không dùng được ({said})")),
        PdfSignError::Glyph { character, .. } => {
            Failure::usage(format!("phông chữ không có ký tự {character:?}: dùng --font TỆP.ttf khác ({said})"))
        }
        PdfSignError::Room { .. } => Failure::Internal(said),
        PdfSignError::Sign(error) => of(error),
    }
}

/// Of anything else.
pub(super) fn of(error: &SignError) -> Failure {
    let said = chain(error);
    match error.code() {
        ErrorCode::InvalidArgument => Failure::usage(format!("không ký được ({said})")),
        ErrorCode::Internal => Failure::Internal(said),
        code => Failure::Unverified { code, detail: said },
    }
}
