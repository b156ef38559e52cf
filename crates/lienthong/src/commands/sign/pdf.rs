//! `sign pdf`: one more signature on a document.

mod place;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use signature::{
    ActiveContent, CopyForm, PdfImage, PdfRole, PdfSignError, PdfSignOptions, PdfSignatureFormat, PreparedPdf, Signer,
    TIMESTAMP_ROOM_BYTES, prepare_pdf_signature,
};

use super::WhoArgs;
use super::authority::AuthorityArgs;
use super::cms::stamped;
use super::font::choices;
use super::refusal::of_pdf;
use super::written::{OutArgs, Signed, marked};
use crate::commands::now;
use crate::failure::Failure;
use crate::files::read_small;
use crate::output::Output;
use place::PlaceArgs;

/// Bytes of a picture file.
const IMAGE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Options of `sign pdf`.
#[derive(Args)]
pub(crate) struct PdfArgs {
    /// Tệp PDF (the document)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Ký với vai trò gì (what the signature is for)
    #[arg(long = "as", value_enum, value_name = "ROLE")]
    role: RoleChoice,
    /// Số, ký hiệu văn bản của phụ lục; số đến của văn bản đến (number of the document, or of its registration)
    #[arg(long, value_name = "TEXT")]
    number: Option<String>,
    /// Tên cơ quan sao hoặc nhận, mặc định theo chứng thư (agency that copies or receives; the certificate's without it)
    #[arg(long, value_name = "NAME")]
    agency: Option<String>,
    /// Hình thức sao (kind of copy)
    #[arg(long, value_enum, default_value_t)]
    copy_form: CopyFormChoice,
    /// Ảnh chữ ký hoặc con dấu, PNG nền trong suốt (picture of the signature or seal, PNG)
    #[arg(long, value_name = "PNG")]
    image: Option<PathBuf>,
    /// Bề rộng của ảnh; con dấu mặc định 36, đúng kích thước thật (width of the picture; a seal's real one is 36)
    #[arg(long, value_name = "MM", conflicts_with_all = ["at_rect", "field", "invisible"])]
    image_width: Option<f64>,
    /// Phông TrueType cho chữ tiếng Việt; không nêu thì tìm trên máy này (TrueType font for Vietnamese text)
    #[arg(long, value_name = "TTF")]
    font: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Tên người ký, mặc định theo chứng thư (name of the signer; the certificate's without it)
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Lý do ký (reason)
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Nơi ký (location)
    #[arg(long, value_name = "TEXT")]
    location: Option<String>,
    /// Kiểu chữ ký trong PDF (kind of the PDF signature)
    #[arg(long, value_enum, default_value_t)]
    sub_filter: SubFilterChoice,
    /// PDF có mã lệnh thì làm gì (what to do with a document that runs code)
    #[arg(long, value_enum, default_value_t)]
    active_content: ActiveContentChoice,
    #[command(flatten)]
    authority: AuthorityArgs,
    #[command(flatten)]
    who: WhoArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Roles by their names on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum RoleChoice {
    /// Lãnh đạo ký phê duyệt (the leader)
    Leader,
    /// Cơ quan đóng dấu phát hành, trùm 1/3 bên trái chữ ký lãnh đạo (the agency's seal)
    Seal,
    /// Cơ quan ký phụ lục, tài liệu kèm theo là tệp riêng (the agency, on an attachment of its own)
    Appendix,
    /// Cơ quan ký bản sao (the agency, on a copy)
    Copy,
    /// Nơi nhận ký văn bản đến (the receiver's stamp)
    Incoming,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CopyFormChoice {
    /// Sao y (whole copy)
    #[default]
    SaoY,
    /// Sao lục (copy of a copy)
    SaoLuc,
    /// Trích sao (extract)
    TrichSao,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum SubFilterChoice {
    /// PAdES, ETSI.CAdES.detached
    #[default]
    Cades,
    /// adbe.pkcs7.detached
    Pkcs7,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ActiveContentChoice {
    /// Không ký (not signed)
    #[default]
    Refuse,
    /// Vẫn ký (signed)
    Note,
}

pub(super) fn run(args: &PdfArgs, output: &mut Output) -> Result<(), Failure> {
    let path = args.out.path(|| marked(&args.file, "signed"));
    args.out.check(&path)?;
    let signer = args.who.signer()?;
    let mut options = args.options(&signer)?;
    let file = read_small(&args.file, u64::try_from(options.limits.bytes_max).unwrap_or(u64::MAX))?;
    let failed = |error| of_pdf(&error);
    let (prepared, font) = prepare(&file, &mut options, args)?;
    let signature = prepared.sign(&signer).map_err(failed)?;
    let (signature, proved_time) = stamped(signature, &args.authority)?;
    args.out.write(&path, &prepared.complete(&signature).map_err(failed)?)?;
    let format = match (options.format, &proved_time) {
        (PdfSignatureFormat::Cades, None) => "PAdES B-B",
        (PdfSignatureFormat::Cades, Some(_)) => "PAdES B-T",
        (PdfSignatureFormat::Pkcs7, _) => "adbe.pkcs7.detached",
    };
    let mut signed = Signed::by(&signer, format!("pdf {}", args.role.name()), format);
    signed.font = font;
    signed.proved_time = proved_time;
    signed.verify = format!("lienthong verify {} --trust CA", path.display());
    signed.files.push(path);
    output.show(&signed, Signed::show)
}

/// Prepares the signature with the first font that has the letters; the name of that font when text is drawn.
fn prepare(
    file: &[u8],
    options: &mut PdfSignOptions,
    args: &PdfArgs,
) -> Result<(PreparedPdf, Option<String>), Failure> {
    if options.image.is_some() || args.place.is_invisible() {
        return Ok((prepare_pdf_signature(file, options).map_err(|error| of_pdf(&error))?, None));
    }
    let mut lacking = None;
    for choice in choices(args.font.as_deref())? {
        options.font = choice.font;
        match prepare_pdf_signature(file, options) {
            Ok(prepared) => return Ok((prepared, Some(choice.name))),
            Err(error @ PdfSignError::Glyph { .. }) => lacking = lacking.or(Some(error)),
            Err(error) => return Err(of_pdf(&error)),
        }
    }
    Err(lacking.map_or_else(|| Failure::Internal("no font".to_owned()), |error| of_pdf(&error)))
}

impl RoleChoice {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

impl PdfArgs {
    /// The options, all but the font.
    fn options(&self, signer: &Signer) -> Result<PdfSignOptions, Failure> {
        let mut options = PdfSignOptions::new(PdfRole::Leader, signer, now());
        options.name = self.name.clone().or(options.name);
        options.role = self.role(options.name.as_deref())?;
        options.image = self.image.as_deref().map(read_image).transpose()?;
        options.image_width_mm = self.image_width;
        options.place = self.place.place();
        options.reason.clone_from(&self.reason);
        options.location.clone_from(&self.location);
        options.format = match self.sub_filter {
            SubFilterChoice::Cades => PdfSignatureFormat::Cades,
            SubFilterChoice::Pkcs7 => PdfSignatureFormat::Pkcs7,
        };
        if self.authority.is_given() {
            options.room_bytes += TIMESTAMP_ROOM_BYTES;
        }
        options.active_content = match self.active_content {
            ActiveContentChoice::Refuse => ActiveContent::Refused,
            ActiveContentChoice::Note => ActiveContent::Noted,
        };
        Ok(options)
    }

    fn role(&self, name: Option<&str>) -> Result<PdfRole, Failure> {
        let number = || {
            let missing = || Failure::usage("thiếu --number TEXT (the number is missing)");
            self.number.clone().ok_or_else(missing)
        };
        let agency = || {
            let missing = || Failure::usage("thiếu --agency NAME (the agency's name is missing)");
            self.agency.clone().or(name.map(str::to_owned)).ok_or_else(missing)
        };
        Ok(match self.role {
            RoleChoice::Leader => PdfRole::Leader,
            RoleChoice::Seal => PdfRole::Seal,
            RoleChoice::Appendix => PdfRole::Appendix { number: number()? },
            RoleChoice::Incoming => PdfRole::Incoming { agency: agency()?, number: number()? },
            RoleChoice::Copy => {
                let form = match self.copy_form {
                    CopyFormChoice::SaoY => CopyForm::Full,
                    CopyFormChoice::SaoLuc => CopyForm::OfCopy,
                    CopyFormChoice::TrichSao => CopyForm::Extract,
                };
                PdfRole::Copy { form, agency: agency()? }
            }
        })
    }
}

fn read_image(path: &Path) -> Result<PdfImage, Failure> {
    PdfImage::from_png(&read_small(path, IMAGE_BYTES_MAX)?).map_err(|error| of_pdf(&error))
}
