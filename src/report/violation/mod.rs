//! Pictures. The only place that knows the drawing library; returns bytes, opens no file.
//!
//! Text is set in DejaVu Sans, which is part of the program, so a picture looks the same everywhere.

mod scene;

use std::sync::OnceLock;

use plotters::prelude::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::{FontStyle, register_font};

pub use scene::scene;

/// The name under which the font is registered.
const FONT: &str = "DejaVu Sans";

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Scalable.
    Svg,
    /// Pixels.
    Png,
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlotError {
    /// The font of the program cannot be used.
    #[error("the font cannot be used")]
    Font,
    /// Drawing failed.
    #[error("{reason}")]
    Drawing {
        /// What the drawing library says.
        reason: String,
    },
}

impl PlotError {
    fn drawing(error: impl std::fmt::Display) -> PlotError {
        PlotError::Drawing { reason: error.to_string() }
    }
}

/// Makes the font known, once.
fn font() -> Result<(), PlotError> {
    static OUTCOME: OnceLock<bool> = OnceLock::new();
    let is_known = OUTCOME.get_or_init(|| register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok());
    if *is_known { Ok(()) } else { Err(PlotError::Font) }
}

/// What draws a picture on any kind of surface.
trait Picture {
    /// Draws everything.
    fn draw<B: DrawingBackend>(&self, backend: B) -> Result<(), PlotError>;
}

/// The picture as a file of this format, of this many pixels.
fn rendered(picture: &impl Picture, format: Format, size: (u32, u32)) -> Result<Vec<u8>, PlotError> {
    font()?;
    match format {
        Format::Svg => {
            let mut text = String::new();
            picture.draw(SVGBackend::with_string(&mut text, size))?;
            Ok(text.into_bytes())
        }
        Format::Png => {
            let mut pixels = vec![0; size.0 as usize * size.1 as usize * 3];
            picture.draw(BitMapBackend::with_buffer(&mut pixels, size))?;
            encoded(&pixels, size)
        }
    }
}

fn encoded(pixels: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, PlotError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(PlotError::drawing)?;
    writer.write_image_data(pixels).map_err(PlotError::drawing)?;
    writer.finish().map_err(PlotError::drawing)?;
    Ok(bytes)
}
