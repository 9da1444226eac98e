use super::super::fixture;
use super::*;

fn arrangement(topics: &[Topic], sort: Option<&str>) -> Arrangement {
    let columns = topics.iter().map(|topic| topic.name().parse().unwrap()).collect();
    Arrangement { columns, sort: sort.map(|sort| sort.parse().unwrap()), crossings: Vec::new() }
}

fn text(systems: &[Analysed], arrangement: &Arrangement) -> String {
    comparison(systems, arrangement, Format::Text, View::default()).unwrap()
}

fn named(mut analysed: Analysed, name: &str) -> Analysed {
    analysed.system = analysed.system.named(name, None);
    analysed
}

/// The grid, and one that is worse in nothing but its load.
fn two() -> Vec<Analysed> {
    let mut worse = named(fixture::grid(), "worse");
    worse.analysis.optimum[0].best.as_mut().unwrap().upper_bound = 0.5;
    worse.analysis.optimum[0].best.as_mut().unwrap().mean_load = 0.5;
    worse.analysis.optimum[0].best.as_mut().unwrap().lower_bound = 0.5;
    vec![worse, fixture::grid()]
}

#[test]
fn the_best_is_starred_and_the_dominated_named() {
    let columns = arrangement(&[Topic::Nodes, Topic::Load], None);
    let expected =
        "  system    nodes   load@0.5\n  worse         9*    0.5000\n  grid-3x3      9*    0.4035*\n\nDominated\n";
    let found = text(&two(), &columns);
    assert!(found.starts_with(expected), "{found}");
    assert!(found.contains("  - worse: grid-3x3 is at least as good in every column.\n"), "{found}");
}

#[test]
fn equal_rows_dominate_each_other_not() {
    let columns = arrangement(&[Topic::Nodes, Topic::Resilience], None);
    assert!(!text(&two(), &columns).contains("Dominated"));
}

#[test]
fn what_is_not_known_neither_wins_nor_loses() {
    let systems = [fixture::undecided(), fixture::grid()];
    let found = text(&systems, &arrangement(&[Topic::Resilience, Topic::Failure], None));
    assert!(found.contains("big, odd | name           –") && !found.contains("Dominated"), "{found}");
    // Its bounds 0.4 to 0.4035 overlap the grid's load.
    let comparison = Comparison::of(&systems, &arrangement(&[Topic::Load], None), Reader::Person).unwrap();
    assert!(comparison.rows.iter().all(|row| row.dominator.is_none()));
}

#[test]
fn a_system_whose_reads_miss_writes_is_never_best() {
    let mut partial = named(fixture::grid(), "partial");
    partial.analysis.intersections.read_write = partial.analysis.intersections.read_read.clone();
    partial.analysis.optimum[0].best.as_mut().unwrap().upper_bound = 0.1;
    partial.analysis.optimum[0].best.as_mut().unwrap().mean_load = 0.1;
    partial.analysis.optimum[0].best.as_mut().unwrap().lower_bound = 0.1;
    let systems = [partial, fixture::grid()];
    let comparison = Comparison::of(&systems, &arrangement(&[Topic::Load], None), Reader::Person).unwrap();
    let best: Vec<_> = comparison.rows.iter().map(|row| row.best[0]).collect();
    assert_eq!((best, comparison.rows[1].dominator), (vec![false, true], None));
}

#[test]
fn sorting_puts_the_best_first_and_knows_its_columns() {
    let found = text(&two(), &arrangement(&[Topic::Load], Some("load@0.50")));
    assert!(found.find("grid-3x3") < found.find("worse"), "{found}");
    let found = text(&two(), &arrangement(&[Topic::Load], Some("name")));
    assert!(found.find("grid-3x3") < found.find("worse"), "{found}");
    let error = Comparison::of(&two(), &arrangement(&[Topic::Load], Some("load@0.7")), Reader::Person).err().unwrap();
    assert_eq!(error.to_string(), "there is no column \"load@0.7\"; there are name, load@0.5");
    assert!("size".parse::<ColumnName>().unwrap_err().to_string().contains("nodes, read, write, resilience, load"));
}

#[test]
fn programs_get_all_digits() {
    let columns = arrangement(&[Topic::Load, Topic::Failure], None);
    let csv = comparison(&two(), &columns, Format::Csv, View::default()).unwrap();
    let load = 23.0 / 57.0;
    let expected = format!(
        "system,family,intersects,load_0.5,failure_probability_0.1,failure_probability_0.01,dominated_by\n\
         worse,grid,true,0.5,0.0209,0.021,grid-3x3\ngrid-3x3,grid,true,{load},0.0209,0.021,\n"
    );
    // The second probability is an estimate whose interval is the same in both systems.
    assert_eq!(csv, expected);
    let json = comparison(&two(), &columns, Format::Json, View::default()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema"], "quorate/comparison/1");
    assert_eq!(json["systems"][0]["dominated_by"], "grid-3x3");
    assert_eq!(json["systems"][1]["values"][0]["best"], true);
    assert_eq!(json["columns"][0]["at"], "0.5");
}

#[test]
fn wide_tables_are_broken_and_repeat_the_names() {
    let found = text(&two(), &Arrangement::default());
    assert!(found.lines().all(|line| line.chars().count() <= 80), "{found}");
    assert!(found.matches("  worse ").count() > 1, "{found}");
    let markdown = comparison(&two(), &arrangement(&[Topic::Load], None), Format::Markdown, View::default()).unwrap();
    let expected = "| system | load@0.5 |\n| --- | ---: |\n| *worse* | *0.5000* |\n| grid-3x3 | **0.4035** |\n";
    assert!(markdown.starts_with(expected), "{markdown}");
}

#[test]
fn nines_are_cut_and_first_losses_shown_where_they_are() {
    let topics = [Topic::Failure, Topic::Nines, Topic::FirstLoss];
    let found = text(&two(), &arrangement(&topics, None));
    assert!(found.contains("nines@0.1") && found.contains(" 1.6") && found.contains("–"), "{found}");
    assert!(!text(&two(), &arrangement(&[], None)).contains("first-loss"), "unasked only where there are times");
    let repaired = |name: &str, mttf: u32| {
        let text = format!(
            "name = '{name}'\n[system]\nfamily = 'majority'\nn = 3\n[nodes]\nmttf_hours = {mttf}\nmttr_hours = 10\n"
        );
        let system = crate::spec::read(name, text.as_bytes()).unwrap();
        let analysis = crate::analysis::analyze(&system, &crate::analysis::Options::default());
        Analysed { file: name.into(), system, analysis }
    };
    let systems = [repaired("often", 100), repaired("rarely", 1000)];
    let found = text(&systems, &arrangement(&topics, Some("first-loss")));
    assert!(found.find("rarely") < found.find("often") && found.contains("17,500*"), "{found}");
    let csv = comparison(&systems, &arrangement(&topics, None), Format::Csv, View::default()).unwrap();
    assert!(csv.lines().next().unwrap().ends_with(",nines_own,mean_first_loss_hours,dominated_by"), "{csv}");
}

/// The picture of the two has the notion of the table.
#[cfg(feature = "plots")]
#[test]
fn who_is_dominated_in_a_picture_is_so_in_the_table() {
    let systems: Vec<Analysed> = (0..60u32)
        .map(|number| {
            let mut analysed = named(fixture::grid(), &format!("s{number}"));
            let load = f64::from(number * 37 % 11) / 20.0 + 0.1;
            let optimum = analysed.analysis.optimum[0].best.as_mut().unwrap();
            (optimum.lower_bound, optimum.upper_bound, optimum.mean_load) =
                (load - 0.04 * f64::from(number % 2), load, load);
            let failure = f64::from(number * 53 % 13) / 100.0 + 0.001;
            for answer in &mut analysed.analysis.failure_probability {
                (answer.system, answer.interval) = (Some(failure.into()), None);
            }
            if number % 7 == 0 {
                analysed.analysis.intersections.read_write = analysed.analysis.intersections.read_read.clone();
            }
            if number % 3 == 0 {
                analysed.system = crate::spec::read(
                    "x",
                    format!("name = 's{number}'\n[nodes]\ncapacity = 2\n[system]\nfamily = 'majority'\nn = 3\n")
                        .as_bytes(),
                )
                .unwrap();
            }
            analysed
        })
        .collect();
    let (_, places) = super::load_against_failure(&systems).unwrap();
    let columns = ["load", "failure@0.01"].map(|name| name.parse().unwrap()).to_vec();
    let arrangement = Arrangement { columns, ..Arrangement::default() };
    let comparison = Comparison::of(&systems, &arrangement, Reader::Person).unwrap();
    let mut on_front = 0;
    for (place, row) in places.iter().zip(&comparison.rows) {
        let is_on_front = row.meets && row.dominator.is_none();
        assert_eq!(place.unwrap().is_on_front, is_on_front);
        on_front += usize::from(is_on_front);
    }
    assert!((2..30).contains(&on_front), "{on_front}");
}
