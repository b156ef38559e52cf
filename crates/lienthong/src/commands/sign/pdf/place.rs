//! Where a signature stands, from the command line.

use std::str::FromStr;

use clap::Args;
use signature::{PdfPage, PdfPlace, PdfRectangle};

/// Options that say where a signature stands; without them, where signatures of its role stand.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct PlaceArgs {
    /// Trang: số, first hoặc last; đi cùng --at-rect (the page: a number, first or last)
    #[arg(long, value_name = "N", requires = "at_rect")]
    page: Option<Page>,
    /// Khung chữ ký: cách trái, cách trên, rộng, cao, tính bằng mm (left, top, width, height in millimetres)
    #[arg(long, value_name = "X,Y,W,H")]
    at_rect: Option<Rectangle>,
    /// Ký vào trường chữ ký còn trống trong tài liệu (an empty signature field of the document)
    #[arg(long, value_name = "NAME", conflicts_with_all = ["at_rect", "invisible"])]
    field: Option<String>,
    /// Không hiển thị gì trên trang (show nothing on the page)
    #[arg(long, conflicts_with = "at_rect")]
    invisible: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Page(PdfPage);

#[derive(Clone, Copy, Debug, PartialEq)]
struct Rectangle(PdfRectangle);

impl FromStr for Page {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "first" => Ok(Self(PdfPage::First)),
            "last" => Ok(Self(PdfPage::Last)),
            number => {
                let number = number.parse().ok().filter(|number| *number > 0);
                let bad = "số trang từ 1, first hoặc last (a page number from 1, first or last)";
                number.map(|number| Self(PdfPage::Number(number))).ok_or_else(|| bad.to_owned())
            }
        }
    }
}

impl FromStr for Rectangle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
        match numbers.as_deref() {
            Ok(&[left, top, width, height]) => Ok(Self(PdfRectangle { left, top, width, height })),
            _ => Err("bốn số X,Y,W,H tính bằng mm (four numbers X,Y,W,H in millimetres)".to_owned()),
        }
    }
}

impl PlaceArgs {
    pub(super) fn is_invisible(&self) -> bool {
        self.invisible
    }

    pub(super) fn place(&self) -> PdfPlace {
        match (&self.at_rect, &self.field) {
            (Some(Rectangle(rectangle)), _) => {
                let page = self.page.map_or(PdfPage::default(), |Page(page)| page);
                PdfPlace::At { page, rectangle: *rectangle }
            }
            (None, Some(field)) => PdfPlace::Field(field.clone()),
            (None, None) if self.invisible => PdfPlace::Invisible,
            (None, None) => PdfPlace::ByRole,
        }
    }
}
