//! Every picture at every size: what is written stands inside, and on nothing else that is written.

use super::canvas::{Anchor, Mark, Picture};
use super::draw::{own_font, text_width};
use super::{Growth, Look, Material, Plot, picture};
use crate::analysis::curves::{Curves, curves};
use crate::analysis::{Options, analyze};
use crate::families::Family;
use crate::report::Analysed;

/// So many systems, some with long names; a few small ones, again and again.
fn systems(count: usize) -> Vec<Analysed> {
    let names = ["a-cluster-of-three-regions", "grid", "majority-5", "tree", "w", "hierarchy-9", "walls-and-more", "x"];
    let options = Options { quorums: Some(64), ..Options::default() };
    let families = [Family::Majority { n: 5 }, Family::Rowa { n: 3 }, Family::Tree { height: 1, degree: 2 }];
    let small: Vec<_> = families.iter().map(|family| family.system().expect("a small one")).collect();
    let analyses: Vec<_> = small.iter().map(|system| analyze(system, &options)).collect();
    let one = |at: usize| {
        let (system, analysis) = (&small[at % small.len()], &analyses[at % small.len()]);
        let system = system.clone().named(format!("{}-{at}", names[at % names.len()]), None);
        Analysed { file: "-".into(), analysis: analysis.clone(), system }
    };
    (0..count).map(one).collect()
}

/// Their curves, of which there are as many as there are small ones.
fn all_curves(systems: &[Analysed]) -> Vec<Curves> {
    let few: Vec<_> = systems.iter().take(3).map(|one| curves(&one.system, &Options::default())).collect();
    (0..systems.len()).map(|at| few[at % few.len()].clone()).collect()
}

/// The rectangle that a text takes, and the text.
fn boxes(picture: &Picture) -> Vec<([f64; 4], String)> {
    let text = |mark: &Mark| {
        let Mark::Text { at, text, size, anchor, upwards, .. } = mark else { return None };
        let (width, height) = (text_width(text, *size), size * 0.7);
        let share = |anchor: Anchor| match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => 0.5,
            Anchor::End => 1.0,
        };
        let (across, down) = (share(anchor.0), share(anchor.1));
        let taken = if *upwards {
            [at.0 - height / 2.0, at.1 - width / 2.0, at.0 + height / 2.0, at.1 + width / 2.0]
        } else {
            let (left, top) = (at.0 - across * width, at.1 - down * height);
            [left, top, left + width, top + height]
        };
        Some((taken, text.clone()))
    };
    picture.marks.iter().filter_map(text).collect()
}

fn apart(one: &[f64; 4], other: &[f64; 4]) -> bool {
    one[2] <= other[0] + 0.5 || other[2] <= one[0] + 0.5 || one[3] <= other[1] + 0.5 || other[3] <= one[1] + 0.5
}

#[test]
fn what_is_written_stands_inside_and_on_nothing_written() {
    let mut drawn = 0;
    for count in [2, 8, 30] {
        let systems = systems(count);
        let curves = all_curves(&systems);
        let families: Vec<Growth> = ["majority", "grid row-column"]
            .map(|name| Growth { name: name.into(), members: systems[..2].to_vec() })
            .into();
        let material = Material { systems: &systems, curves: &curves, families: &families };
        for size in [(317.5, 226.8), (657.6, 432.7), (760.0, 500.0), (1200.0, 800.0)] {
            for plot in Plot::ALL {
                let Some(picture) = picture(plot, material, Look { size, ..Look::default() }) else { continue };
                drawn += 1;
                let boxes = boxes(&picture);
                let what = format!("{} of {count} systems at {size:?}", plot.name());
                for (at, (taken, text)) in boxes.iter().enumerate() {
                    let inside = taken[0] >= -0.5
                        && taken[1] >= -0.5
                        && taken[2] <= picture.size.0 + 0.5
                        && taken[3] <= picture.size.1 + 0.5;
                    assert!(inside, "{text:?} in {what}: {taken:?} of {:?}", picture.size);
                    for (other, second) in &boxes[at + 1..] {
                        assert!(apart(taken, other), "{text:?} and {second:?} in {what}: {taken:?} {other:?}");
                    }
                }
            }
        }
    }
    assert!(drawn > 60, "{drawn}");
}

#[test]
fn titles_and_captions_are_left_out() {
    let systems = systems(2);
    let curves = all_curves(&systems);
    let material = Material { systems: &systems, curves: &curves, families: &[] };
    let with = |look: Look| picture(Plot::Load, material, look).expect("there is something to show");
    let texts = |picture: &Picture| boxes(picture).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    let full = with(Look::default());
    assert!(texts(&full).iter().any(|text| text.starts_with("How busy")) && full.caption_left_out().is_none());
    let bare = with(Look { title: false, caption: false, ..Look::default() });
    assert!(!texts(&bare).iter().any(|text| text.starts_with("How busy") || text.contains("linear program")));
    assert!(bare.caption_left_out().expect("it is said elsewhere").contains("linear program"));
    assert!(bare.svg().contains("<desc>Optimum") && !full.svg().contains("<desc>"));
}

#[test]
fn a_pdf_is_one_page_of_its_size() {
    let mut one = Picture::new((96.0, 48.0), super::canvas::Color::hex(0xffffff), "one ∅");
    one.text((10.0, 10.0), "words", (12.0, super::canvas::Color::hex(0)), (Anchor::Start, Anchor::Start));
    let bytes = one.pdf();
    assert_eq!(bytes, one.pdf());
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.starts_with("%PDF-1.4") && text.contains("/MediaBox [0 0 72.00 36.00]") && text.ends_with("%%EOF\n"));
    assert!(text.contains("/Title <FEFF006F006E0065") && text.contains("2205>"));
    // Each object begins where the table says.
    let table = &text[text.find("xref\n").expect("a table")..];
    let start: usize = text.lines().rev().nth(1).expect("a number").parse().expect("a number");
    assert_eq!(&bytes[start..start + 4], b"xref");
    for (at, line) in table.lines().skip(3).take(5).enumerate() {
        let place: usize = line[..10].parse().expect("a place");
        assert!(bytes[place..].starts_with(format!("{} 0 obj", at + 1).as_bytes()), "{line}");
    }
}

#[test]
fn letters_are_as_wide_in_a_pdf_as_they_are_measured() {
    let face = ttf_parser::Face::parse(own_font(), 0).expect("a font");
    for text in ["What load and availability cost each other", "grid-3x3", "10⁻⁶", "illi WWW"] {
        let units: u32 =
            text.chars().filter_map(|letter| face.glyph_hor_advance(face.glyph_index(letter)?)).map(u32::from).sum();
        let width = f64::from(units) / f64::from(face.units_per_em()) * 20.0 / super::pdf::LINE;
        let measured = text_width(text, 20.0);
        // What is measured has the white space of a line around it.
        assert!((0.9..=1.0).contains(&(width / measured)), "{text}: {width} {measured}");
    }
}
